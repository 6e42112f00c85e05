package main

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var (
	// mapRow is a row of the feature map: its number, the English term and the weight.
	mapRow = regexp.MustCompile(`(?m)^\| ([A-L]\d+) \| [^|]* \| [^|]* \| ([^|]*) \| [^|]* \| ([CSM]) \|$`)
	// plannedRow is a row of the roadmap: its number, the English term, the state and where.
	plannedRow = regexp.MustCompile(`(?m)^\| ([A-L]\d+) \| (.*?) \| ([^|]*?) \| (.*) \|$`)
	// stateCount is how many rows the roadmap says are in a state.
	stateCount = regexp.MustCompile(`(?m)^\| (works|partly|not yet) \| (\d+) \|`)
)

// TestRoadmap holds the roadmap to the feature map: every central row stands in it once, in the
// order and the words of the map, in one of the states; those that work say where.
func TestRoadmap(t *testing.T) {
	feature, err := os.ReadFile("../../docs/concepts/feature-map.md")
	if err != nil {
		t.Fatal(err)
	}
	roadmap, err := os.ReadFile("../../docs/roadmap.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, mistake := range roadmapMistakes(string(feature), string(roadmap)) {
		t.Errorf("docs/roadmap.md: %s", mistake)
	}
}

// roadmapMistakes are what is wrong with a roadmap, beside a feature map.
func roadmapMistakes(feature, roadmap string) (mistakes []string) {
	var central, planned []string
	terms, counted := map[string]string{}, map[string]int{}
	for _, row := range mapRow.FindAllStringSubmatch(feature, -1) {
		if row[3] == "C" {
			central, terms[row[1]] = append(central, row[1]), row[2]
		}
	}
	for _, row := range plannedRow.FindAllStringSubmatch(roadmap, -1) {
		number, term, state, where := row[1], row[2], row[3], row[4]
		switch {
		case terms[number] == "":
			mistakes = append(mistakes, number+" is no central row of the feature map")
		case slices.Contains(planned, number):
			mistakes = append(mistakes, number+" stands there twice")
		case terms[number] != term:
			mistakes = append(mistakes, number+" is called "+term+", and "+terms[number]+" in the feature map")
		}
		switch {
		case state != "works" && state != "partly" && state != "not yet":
			mistakes = append(mistakes, number+" is in the state "+state+", which there is not")
		case state == "works" && !strings.Contains(where, "]("):
			mistakes = append(mistakes, number+" works, and no link says where")
		}
		planned = append(planned, number)
		counted[state]++
	}
	for _, number := range central {
		if !slices.Contains(planned, number) {
			mistakes = append(mistakes, number+" is missing")
		}
	}
	if len(mistakes) == 0 && !slices.Equal(planned, central) {
		mistakes = append(mistakes, "its rows are not in the order of the feature map")
	}
	for _, said := range stateCount.FindAllStringSubmatch(roadmap, -1) {
		if is := strconv.Itoa(counted[said[1]]); is != said[2] {
			mistakes = append(mistakes, said[2]+" rows are said to be in the state "+said[1]+", and "+is+" are")
		}
	}
	return mistakes
}

func TestRoadmapMistakes(t *testing.T) {
	const feature = "| A1 | S0 | x | One | do | C |\n| A2 | S0 | x | Two | do | S |\n| B1 | S0 | x | Three | do | C |\n"
	const right = "| works | 1 | says so |\n| A1 | One | works | [there](there.md) |\n| B1 | Three | not yet | nothing |\n"
	for name, c := range map[string]struct{ old, new, want string }{
		"right":         {"", "", ""},
		"missing":       {"| B1 | Three | not yet | nothing |\n", "", "B1 is missing"},
		"twice":         {"| B1 |", "| A1 | One | not yet | nothing |\n| B1 |", "A1 stands there twice"},
		"not central":   {"| B1 |", "| A2 | Two | not yet | nothing |\n| B1 |", "A2 is no central row of the feature map"},
		"no row":        {"| B1 |", "| B9 | Nine | not yet | nothing |\n| B1 |", "B9 is no central row of the feature map"},
		"another word":  {"not yet", "soon", "B1 is in the state soon, which there is not"},
		"another term":  {"| Three |", "| Tree |", "B1 is called Tree, and Three in the feature map"},
		"no link":       {"[there](there.md)", "there", "A1 works, and no link says where"},
		"another count": {"| works | 1 |", "| works | 2 |", "2 rows are said to be in the state works, and 1 are"},
		"another order": {right, "| B1 | Three | not yet | nothing |\n| A1 | One | works | [there](there.md) |\n", "its rows are not in the order of the feature map"},
	} {
		t.Run(name, func(t *testing.T) {
			got := strings.Join(roadmapMistakes(feature, strings.Replace(right, c.old, c.new, 1)), "; ")
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
