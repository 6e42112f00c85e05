package metrics

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// Definition is a metric of what resources say, of which the docs and the dashboards are
// made.
type Definition struct {
	// Name of the metric, and what it is.
	Name, Help string
	// Kind of the resource that it is of.
	Kind string
	// Labels of its series, the resource's own first.
	Labels []string
}

// family is a metric of one kind of resources.
type family[T client.Object] struct {
	name, help string
	// labels beside those of the resource.
	labels []string
	// each gives the values of one resource, with the labels.
	each func(object T, emit func(value float64, labels ...string))
}

// Objects are the metrics of what the status of resources says: a prometheus.Collector. They
// are read from the manager's cache at every scrape, so that the series of a resource end
// with it, and none is older than its status.
type Objects struct {
	client  client.Reader
	elected <-chan struct{}
	descs   map[string]*prometheus.Desc
}

// scrapeLimit bounds a scrape; the cache is local.
const scrapeLimit = 10 * time.Second

// NewObjects makes the metrics of the resources in a manager's cache. There are none before
// this replica is elected, so that no other one has the same.
func NewObjects(from client.Reader, elected <-chan struct{}) *Objects {
	o := &Objects{client: from, elected: elected, descs: map[string]*prometheus.Desc{}}
	for _, d := range Definitions() {
		o.descs[d.Name] = prometheus.NewDesc(d.Name, d.Help, d.Labels, nil)
	}
	return o
}

// Definitions are all metrics of resources, by kind.
func Definitions() []Definition {
	return slices.Concat(
		define("Exhibition", exhibitionLabels, exhibitionFamilies),
		define("CustomerSegment", objectLabels, segmentFamilies),
		define("CustomerStore", objectLabels, storeFamilies),
	)
}

func define[T client.Object](kind string, labels []string, families []family[T]) []Definition {
	definitions := make([]Definition, len(families))
	for i, f := range families {
		definitions[i] = Definition{f.name, f.help, kind, slices.Concat(labels, f.labels)}
	}
	return definitions
}

// Describe implements prometheus.Collector.
func (o *Objects) Describe(descriptions chan<- *prometheus.Desc) {
	for _, d := range Definitions() {
		descriptions <- o.descs[d.Name]
	}
}

// Collect implements prometheus.Collector.
func (o *Objects) Collect(collected chan<- prometheus.Metric) {
	select {
	case <-o.elected:
	default:
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), scrapeLimit)
	defer cancel()
	var exhibitions crm.ExhibitionList
	var segments crm.CustomerSegmentList
	var stores crm.CustomerStoreList
	for _, list := range []client.ObjectList{&exhibitions, &segments, &stores} {
		if err := o.client.List(ctx, list); err != nil {
			collected <- prometheus.NewInvalidMetric(prometheus.NewInvalidDesc(err), err)
			return
		}
	}
	for i := range exhibitions.Items {
		e := &exhibitions.Items[i]
		emit(o, collected, e, []string{e.Namespace, e.Name, string(e.Spec.Series), string(e.Spec.Edition)}, exhibitionFamilies)
	}
	for i := range segments.Items {
		emit(o, collected, &segments.Items[i], []string{segments.Items[i].Namespace, segments.Items[i].Name}, segmentFamilies)
	}
	for i := range stores.Items {
		emit(o, collected, &stores.Items[i], []string{stores.Items[i].Namespace, stores.Items[i].Name}, storeFamilies)
	}
}

func emit[T client.Object](o *Objects, collected chan<- prometheus.Metric, object T, own []string, families []family[T]) {
	for _, f := range families {
		f.each(object, func(value float64, labels ...string) {
			collected <- prometheus.MustNewConstMetric(o.descs[f.name], prometheus.GaugeValue, value, slices.Concat(own, labels)...)
		})
	}
}

var (
	objectLabels     = []string{"namespace", "name"}
	exhibitionLabels = []string{"namespace", "name", "series", "edition"}
)

// phases in the order of the cycle.
var phases = []crm.ExhibitionPhase{crm.PhasePlanned, crm.PhaseRecruiting, crm.PhaseOpen, crm.PhaseEvaluating, crm.PhaseConcluded}

// ofRole is a metric of every role that takes part.
func ofRole(name, help string, of func(crm.ParticipationStatus) (float64, bool)) family[*crm.Exhibition] {
	return family[*crm.Exhibition]{name, help, []string{"role"}, func(e *crm.Exhibition, emit func(float64, ...string)) {
		for _, p := range e.Status.Participation {
			if value, present := of(p); present {
				emit(value, string(p.Role))
			}
		}
	}}
}

// ofRetention is a metric of every role that took part in the previous edition.
func ofRetention(name, help string, of func(crm.RetentionStatus) (float64, bool)) family[*crm.Exhibition] {
	return family[*crm.Exhibition]{name, help, []string{"role"}, func(e *crm.Exhibition, emit func(float64, ...string)) {
		for _, r := range e.Status.Retention {
			if value, present := of(r); present {
				emit(value, string(r.Role))
			}
		}
	}}
}

// ofSatisfaction is a metric of the answers about an edition.
func ofSatisfaction(name, help string, of func(*crm.SatisfactionStatus) (float64, bool)) family[*crm.Exhibition] {
	return family[*crm.Exhibition]{name, help, nil, func(e *crm.Exhibition, emit func(float64, ...string)) {
		if e.Status.Satisfaction == nil {
			return
		}
		if value, present := of(e.Status.Satisfaction); present {
			emit(value)
		}
	}}
}

func count(n int64) (float64, bool) { return float64(n), true }

// decimal is a decimal of a status; what is absent there has no series.
func decimal[T ~string](text T) (value float64, present bool) {
	value, err := strconv.ParseFloat(string(text), 64)
	return value, err == nil
}

var exhibitionFamilies = []family[*crm.Exhibition]{
	{"fairlead_exhibition_phase", "1 for the phase that the edition is in, 0 for the others.", []string{"phase"}, func(e *crm.Exhibition, emit func(float64, ...string)) {
		for _, phase := range phases {
			emit(truth(e.Status.Phase == phase), string(phase))
		}
	}},
	{"fairlead_exhibition_opens_timestamp_seconds", "Midnight in UTC that begins the first day.", nil, func(e *crm.Exhibition, emit func(float64, ...string)) { emitDay(e.Spec.Opens, emit) }},
	{"fairlead_exhibition_closes_timestamp_seconds", "Midnight in UTC that begins the last day.", nil, func(e *crm.Exhibition, emit func(float64, ...string)) { emitDay(e.Spec.Closes, emit) }},
	{"fairlead_exhibition_participants", "Customers by role and how they stand: enquired, contracted, attended, cancelled. Who attended is contracted too.", []string{"role", "status"},
		func(e *crm.Exhibition, emit func(float64, ...string)) {
			for _, p := range e.Status.Participation {
				for _, standing := range []struct {
					name  string
					count int64
				}{{"enquired", p.Enquired}, {"contracted", p.Contracted}, {"attended", p.Attended}, {"cancelled", p.Cancelled}} {
					emit(float64(standing.count), string(p.Role), standing.name)
				}
			}
		}},
	ofRole("fairlead_exhibition_returning_participants", "Contracted customers who took part in the previous edition.", func(p crm.ParticipationStatus) (float64, bool) { return count(p.Returning) }),
	ofRole("fairlead_exhibition_reactivated_participants", "Contracted customers who took part in an earlier edition, and not in the previous.", func(p crm.ParticipationStatus) (float64, bool) { return count(p.Reactivated) }),
	ofRole("fairlead_exhibition_new_participants", "Contracted customers who took part in no earlier edition.", func(p crm.ParticipationStatus) (float64, bool) { return count(p.New) }),
	ofRole("fairlead_exhibition_rebooked_participants", "Contracted customers who are contracted for the next edition.", func(p crm.ParticipationStatus) (float64, bool) { return count(p.Rebooked) }),
	ofRole("fairlead_exhibition_area_square_metres", "Booth area of contracted customers.", func(p crm.ParticipationStatus) (float64, bool) { return decimal(p.AreaSquareMetres) }),
	ofRole("fairlead_exhibition_revenue", "Revenue after discount of contracted customers, in the reporting currency of the store.", func(p crm.ParticipationStatus) (float64, bool) { return decimal(p.Revenue) }),
	ofRetention("fairlead_exhibition_previous_participants", "Customers who took part in the previous edition.", func(r crm.RetentionStatus) (float64, bool) { return count(r.Previous) }),
	ofRetention("fairlead_exhibition_eligible_participants", "Customers who took part in the previous edition and could return: what retention is out of.", func(r crm.RetentionStatus) (float64, bool) { return count(r.Eligible) }),
	ofRetention("fairlead_exhibition_returned_participants", "Eligible customers who returned: the numerator of retention.", func(r crm.RetentionStatus) (float64, bool) { return count(r.Returned) }),
	ofRetention("fairlead_exhibition_retention_ratio", "Share of eligible customers who returned.", func(r crm.RetentionStatus) (float64, bool) { return decimal(r.Ratio) }),
	ofRetention("fairlead_exhibition_retention_target_ratio", "Share of eligible customers who are to return, as declared.", func(r crm.RetentionStatus) (float64, bool) { return decimal(r.Target) }),
	ofRetention("fairlead_exhibition_area_retention_ratio", "Area of the returned of the area that all eligible had.", func(r crm.RetentionStatus) (float64, bool) { return decimal(r.AreaRatio) }),
	ofRetention("fairlead_exhibition_revenue_retention_ratio", "Revenue after discount of the returned of that of all eligible.", func(r crm.RetentionStatus) (float64, bool) { return decimal(r.RevenueRatio) }),
	ofSatisfaction("fairlead_exhibition_responses", "Who answered anything about the edition.", func(s *crm.SatisfactionStatus) (float64, bool) { return count(s.Responses) }),
	ofSatisfaction("fairlead_exhibition_net_promoter_score", "Share of promoters less that of detractors, from -100 to 100.", func(s *crm.SatisfactionStatus) (float64, bool) { return decimal(s.NetPromoterScore) }),
	ofSatisfaction("fairlead_exhibition_net_promoter_score_margin", "Half the 95 % interval of the net promoter score.", func(s *crm.SatisfactionStatus) (float64, bool) { return decimal(s.Margin) }),
	ofSatisfaction("fairlead_exhibition_satisfied_ratio", "Share of customers whose results met their expectations.", func(s *crm.SatisfactionStatus) (float64, bool) { return decimal(s.SatisfiedRatio) }),
	ofSatisfaction("fairlead_exhibition_satisfaction_gap", "Mean of perceived - expected, in points.", func(s *crm.SatisfactionStatus) (float64, bool) { return decimal(s.Gap) }),
	{"fairlead_exhibition_dimension_satisfaction_gap", "Mean of perceived - expected in a dimension, in points.", []string{"dimension"}, func(e *crm.Exhibition, emit func(float64, ...string)) {
		if e.Status.Satisfaction == nil {
			return
		}
		for _, d := range e.Status.Satisfaction.Dimensions {
			if value, present := decimal(d.Gap); present {
				emit(value, d.Name)
			}
		}
	}},
	{"fairlead_exhibition_complaints", "Complaints: all, those open, and those open beyond their time.", []string{"state"}, func(e *crm.Exhibition, emit func(float64, ...string)) {
		if c := e.Status.Complaints; c != nil {
			emit(float64(c.Total), "all")
			emit(float64(c.Open), "open")
			emit(float64(c.Late), "late")
		}
	}},
	{"fairlead_exhibition_promised", "What was promised, by promise.", []string{"promise"}, func(e *crm.Exhibition, emit func(float64, ...string)) {
		for _, p := range e.Status.Promises {
			emit(float64(p.Promised), string(p.Name))
		}
	}},
	{"fairlead_exhibition_promise_actual", "What became of a promise.", []string{"promise"}, func(e *crm.Exhibition, emit func(float64, ...string)) {
		for _, p := range e.Status.Promises {
			emit(float64(p.Actual), string(p.Name))
		}
	}},
}

func emitDay(day crm.Date, emit func(float64, ...string)) {
	if at, err := time.Parse(time.DateOnly, string(day)); err == nil {
		emit(float64(at.Unix()))
	}
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

var segmentFamilies = []family[*crm.CustomerSegment]{
	{"fairlead_customersegment_members", "Members by class; without a model under the class \"\".", []string{"class"}, func(s *crm.CustomerSegment, emit func(float64, ...string)) {
		if len(s.Status.Classes) == 0 && s.Status.Members != nil {
			emit(float64(*s.Status.Members), "")
		}
		for _, class := range s.Status.Classes {
			emit(float64(class.Members), string(class.Name))
		}
	}},
	{"fairlead_customersegment_revenue_ratio", "Share of the segment's revenue that a class brings.", []string{"class"}, func(s *crm.CustomerSegment, emit func(float64, ...string)) {
		for _, class := range s.Status.Classes {
			if value, present := decimal(class.RevenueShare); present {
				emit(value, string(class.Name))
			}
		}
	}},
	{"fairlead_customersegment_moved_members", "Customers who moved between classes since the last edition closed; \"\" is outside the segment.", []string{"from", "to"}, func(s *crm.CustomerSegment, emit func(float64, ...string)) {
		if s.Status.Migration == nil {
			return
		}
		for _, move := range s.Status.Migration.Moves {
			emit(float64(move.Members), string(move.From), string(move.To))
		}
	}},
}

var storeFamilies = []family[*crm.CustomerStore]{
	{"fairlead_customerstore_up", "1 while the store is ready, 0 while it is not.", nil, func(s *crm.CustomerStore, emit func(float64, ...string)) {
		emit(truth(meta.IsStatusConditionTrue(s.Status.Conditions, crm.ConditionReady)))
	}},
	{"fairlead_customerstore_customers", "Customers in the store.", nil, func(s *crm.CustomerStore, emit func(float64, ...string)) {
		if s.Status.Customers != nil {
			emit(float64(*s.Status.Customers))
		}
	}},
}
