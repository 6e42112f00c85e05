package metrics

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// Definition is a metric, of which the docs and the dashboards are made.
type Definition struct {
	// Name of the metric, and what it is.
	Name, Help string
	// Type is gauge, counter or histogram.
	Type string
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
	// since is instead the moment that the value is the age of, in seconds; zero for an age
	// of 0.
	since func(object T) (moment time.Time, present bool)
}

// Objects are the metrics of what the status of resources says: a prometheus.Collector. They
// are read from the manager's cache at every scrape, so that the series of a resource end
// with it, and none is older than its status.
type Objects struct {
	client  client.Reader
	clock   clock.PassiveClock
	elected <-chan struct{}
	descs   map[string]*prometheus.Desc
}

// scrapeLimit bounds a scrape; the cache is local.
const scrapeLimit = 10 * time.Second

// NewObjects makes the metrics of the resources in a manager's cache. The clock tells the
// time of a scrape. There are none before
// this replica is elected, so that no other one has the same.
func NewObjects(from client.Reader, now clock.PassiveClock, elected <-chan struct{}) *Objects {
	o := &Objects{client: from, clock: now, elected: elected, descs: map[string]*prometheus.Desc{}}
	for _, d := range objectDefinitions() {
		o.descs[d.Name] = d.desc()
	}
	return o
}

// Definitions are all metrics, by the kind of the resource that they are of.
func Definitions() []Definition {
	definitions := slices.Concat(objectDefinitions(), segmentDefinitions, profileDefinitions, runDefinitions, []Definition{GatewayRequests})
	kinds := []string{"Exhibition", "CustomerSegment", "CustomerStore", "LoyaltyProgram", "OutreachChannel", "CampaignRule", "Outreach", "Gateway"}
	slices.SortStableFunc(definitions, func(a, b Definition) int {
		return cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind))
	})
	return definitions
}

// objectDefinitions are those of what the status of resources says.
func objectDefinitions() []Definition {
	return slices.Concat(
		define("Exhibition", exhibitionLabels, exhibitionFamilies),
		define("CustomerSegment", objectLabels, segmentFamilies),
		define("CustomerStore", objectLabels, storeFamilies),
		define("OutreachChannel", objectLabels, channelFamilies),
		define("LoyaltyProgram", objectLabels, programFamilies),
		define("CampaignRule", objectLabels, ruleFamilies),
		define("Outreach", objectLabels, outreachFamilies),
	)
}

func (d Definition) desc() *prometheus.Desc { return prometheus.NewDesc(d.Name, d.Help, d.Labels, nil) }

// counter makes one by its definition.
func (d Definition) counter() *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: d.Name, Help: d.Help}, d.Labels)
}

func define[T client.Object](kind string, labels []string, families []family[T]) []Definition {
	definitions := make([]Definition, len(families))
	for i, f := range families {
		definitions[i] = Definition{f.name, f.help, "gauge", kind, slices.Concat(labels, f.labels)}
	}
	return definitions
}

// Describe implements prometheus.Collector.
func (o *Objects) Describe(descriptions chan<- *prometheus.Desc) {
	for _, d := range o.descs {
		descriptions <- d
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
	var channels crm.OutreachChannelList
	var programs crm.LoyaltyProgramList
	var rules crm.CampaignRuleList
	var outreaches crm.OutreachList
	for _, list := range []client.ObjectList{&exhibitions, &segments, &stores, &channels, &programs, &rules, &outreaches} {
		// Nothing of them is changed here.
		if err := o.client.List(ctx, list, client.UnsafeDisableDeepCopy); err != nil {
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
	for i := range channels.Items {
		emit(o, collected, &channels.Items[i], []string{channels.Items[i].Namespace, channels.Items[i].Name}, channelFamilies)
	}
	for i := range programs.Items {
		emit(o, collected, &programs.Items[i], []string{programs.Items[i].Namespace, programs.Items[i].Name}, programFamilies)
	}
	for i := range rules.Items {
		emit(o, collected, &rules.Items[i], []string{rules.Items[i].Namespace, rules.Items[i].Name}, ruleFamilies)
	}
	for i := range outreaches.Items {
		emit(o, collected, &outreaches.Items[i], []string{outreaches.Items[i].Namespace, outreaches.Items[i].Name}, outreachFamilies)
	}
}

func emit[T client.Object](o *Objects, collected chan<- prometheus.Metric, object T, own []string, families []family[T]) {
	for _, f := range families {
		gauge := func(value float64, labels ...string) {
			collected <- prometheus.MustNewConstMetric(o.descs[f.name], prometheus.GaugeValue, value, slices.Concat(own, labels)...)
		}
		if f.since == nil {
			f.each(object, gauge)
			continue
		}
		if moment, present := f.since(object); present && moment.IsZero() {
			gauge(0)
		} else if present {
			gauge(max(0, o.clock.Since(moment).Seconds()))
		}
	}
}

var (
	objectLabels     = []string{"namespace", "name"}
	exhibitionLabels = []string{"namespace", "name", "series", "edition"}
)

func count(n int64) (float64, bool) { return float64(n), true }

// decimal is a decimal of a status; what is absent there has no series.
func decimal[T ~string](text T) (value float64, present bool) {
	value, err := strconv.ParseFloat(string(text), 64)
	return value, err == nil
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

var segmentFamilies = []family[*crm.CustomerSegment]{
	{name: "fairlead_customersegment_members", help: "Members by class; without a model under the class \"\".", labels: []string{"class"}, each: func(s *crm.CustomerSegment, emit func(float64, ...string)) {
		if len(s.Status.Classes) == 0 && s.Status.Members != nil {
			emit(float64(*s.Status.Members), "")
		}
		for _, class := range s.Status.Classes {
			emit(float64(class.Members), string(class.Name))
		}
	}},
	{name: "fairlead_customersegment_revenue_ratio", help: "Share of the segment's revenue that a class brings.", labels: []string{"class"}, each: func(s *crm.CustomerSegment, emit func(float64, ...string)) {
		for _, class := range s.Status.Classes {
			if value, present := decimal(class.RevenueShare); present {
				emit(value, string(class.Name))
			}
		}
	}},
	{name: "fairlead_customersegment_moved_members", help: "Customers who moved between classes since the last edition closed; \"\" is outside the segment.", labels: []string{"from", "to"}, each: func(s *crm.CustomerSegment, emit func(float64, ...string)) {
		if s.Status.Migration == nil {
			return
		}
		for _, move := range s.Status.Migration.Moves {
			emit(float64(move.Members), string(move.From), string(move.To))
		}
	}},
}

var storeFamilies = []family[*crm.CustomerStore]{
	{name: "fairlead_customerstore_up", help: "1 while the store is ready, 0 while it is not.", each: func(s *crm.CustomerStore, emit func(float64, ...string)) {
		emit(truth(meta.IsStatusConditionTrue(s.Status.Conditions, crm.ConditionReady)))
	}},
	{name: "fairlead_customerstore_ready_reason", help: "1 for the reason of the condition Ready, as it stands: why a store is ready or not.", labels: []string{"reason"}, each: func(s *crm.CustomerStore, emit func(float64, ...string)) {
		if ready := meta.FindStatusCondition(s.Status.Conditions, crm.ConditionReady); ready != nil {
			emit(1, ready.Reason)
		}
	}},
	{name: "fairlead_customerstore_customers", help: "Customers in the store.", each: func(s *crm.CustomerStore, emit func(float64, ...string)) {
		if s.Status.Customers != nil {
			emit(float64(*s.Status.Customers))
		}
	}},
}
