package customersegment

import (
	"fmt"
	"strings"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
)

// Mistakes are what is wrong with what the segments of one namespace ask of each other,
// for each of them in their order: circles, segments of other stores, classes that there
// are not. Segments that are not among them are not spoken of.
func Mistakes(segments []crm.CustomerSegment) [][]contract.Mistake {
	byStore := map[crm.ObjectName][]crm.CustomerSegment{}
	for _, segment := range segments {
		byStore[segment.Spec.StoreName] = append(byStore[segment.Spec.StoreName], segment)
	}
	asked := map[crm.ObjectName]map[string][]string{}
	for name, same := range byStore {
		asked[name] = asks(same, nil)
	}
	found := make([][]contract.Mistake, len(segments))
	for i := range segments {
		segment, store := &segments[i], segments[i].Spec.StoreName
		if cycle := cycleThrough(segment.Name, asked[store]); cycle != nil {
			found[i] = circular(cycle).Mistakes("spec.where")
		}
		for _, name := range asked[store][segment.Name] {
			// One at a time: of several that are wrong the first would be said alone.
			wrong := wrongAsks(segment, beside(name, segments, store), []string{name})
			found[i] = append(found[i], wrong.Mistakes("spec.where")...)
		}
	}
	return found
}

// beside is what is to be seen of one segment from a store.
func beside(name string, segments []crm.CustomerSegment, store crm.ObjectName) observed {
	switch other := segmentNamed(segments, name); {
	case other == nil:
		return observed{}
	case other.Spec.StoreName == store:
		return observed{segments: []crm.CustomerSegment{*other}}
	default:
		return observed{elsewhere: map[string]string{name: string(other.Spec.StoreName)}}
	}
}

func circular(cycle []string) *contract.Verdict {
	return new(contract.Stalled(crm.ReasonReferenceCycle, fmt.Sprintf(
		"spec.where asks in a circle: %s. Take one customer.inSegment out.", strings.Join(cycle, " asks for "))))
}
