package customersegment

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/audience"
	"github.com/fairlead/fairlead/internal/classify"
	"github.com/fairlead/fairlead/internal/store"
)

// definition is a digest of what makes a segment what it is. When it changes, the
// members of before and after are not compared.
func definition(spec crm.CustomerSegmentSpec, currencyDigits int) string {
	text := fmt.Appendf(nil, "%d %s", currencyDigits, spec.Where)
	if spec.Classify != nil {
		model, err := json.Marshal(spec.Classify)
		if err != nil {
			// It consists of texts and numbers, which can always be written.
			panic(err)
		}
		text = append(append(text, 0), model...)
	}
	digest := sha256.Sum256(text)
	return hex.EncodeToString(digest[:16])
}

// unknownClass is a class that a segment asks of another one that has none of that name;
// "" if there is none. What is wrong is said in words.
func unknownClass(segment *crm.CustomerSegment, segments []crm.CustomerSegment) string {
	for _, asked := range audience.AskedClasses(string(segment.Spec.Where)) {
		other := segmentNamed(segments, asked.Segment)
		if other == nil {
			continue
		}
		classes := classify.Classes(other.Spec.Classify)
		switch {
		case slices.Contains(classes, asked.Class):
		case len(classes) == 0:
			return fmt.Sprintf("spec.where asks for the class %s of the segment %s, which is not split into classes: leave the class out", asked.Class, asked.Segment)
		default:
			return fmt.Sprintf("spec.where asks for the class %s of the segment %s, which has %s", asked.Class, asked.Segment, strings.Join(classes, ", "))
		}
	}
	return ""
}

// asks are the segments that each segment asks for, by name.
func asks(segments []crm.CustomerSegment, read *reading) map[string][]string {
	asked := make(map[string][]string, len(segments))
	for i := range segments {
		asked[segments[i].Name] = read.asks(&segments[i])
	}
	return asked
}

// cycleThrough is a way from a segment back to itself, over what segments ask for;
// nil if there is none. It is the first by name.
func cycleThrough(name string, asked map[string][]string) []string {
	seen := map[string]bool{}
	var walk func(at string, path []string) []string
	walk = func(at string, path []string) []string {
		for _, next := range asked[at] {
			if next == name {
				return append(path, next)
			}
			if seen[next] {
				continue
			}
			seen[next] = true
			if cycle := walk(next, append(slices.Clip(path), next)); cycle != nil {
				return cycle
			}
		}
		return nil
	}
	return walk(name, []string{name})
}

// askedBy are the segments that ask for one.
func askedBy(name string, asked map[string][]string) []string {
	var by []string
	for other, names := range asked {
		if slices.Contains(names, name) {
			by = append(by, other)
		}
	}
	slices.Sort(by)
	return by
}

// nextDay is the midnight in UTC at which now() is another.
func nextDay(now time.Time) time.Time {
	const day = 24 * time.Hour
	return now.UTC().Truncate(day).Add(day)
}

// retried is the failure that another try may mend: not a mistake of the user's, and
// not a segment that is waited for.
func retried(failure error) error {
	var problem *audience.Problem
	var model *classify.Problem
	var missing *store.MissingSegmentError
	if errors.As(failure, &problem) || errors.As(failure, &model) || errors.As(failure, &missing) {
		return nil
	}
	return failure
}
