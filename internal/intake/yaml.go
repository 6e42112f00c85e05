package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/fairlead/fairlead/internal/customer"
)

// node is a place in a mapping file. It collects what is wrong instead of
// stopping at it, so that all mistakes are told at once.
type node struct {
	path     string
	value    any
	problems *[]error
}

// parseYAML reads a document whose top is an object.
func parseYAML(data []byte) (node, error) {
	document, err := yaml.YAMLToJSONStrict(data)
	if err != nil {
		return node{}, fmt.Errorf("reading the mapping: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return node{}, fmt.Errorf("reading the mapping: %w", err)
	}
	if _, ok := value.(map[string]any); !ok {
		return node{}, errors.New("the mapping is no object: it begins with a line such as `source: airshow-lists`")
	}
	return node{value: value, problems: new([]error)}, nil
}

// err is everything that is wrong, or nil.
func (n node) err() error { return errors.Join(*n.problems...) }

// fail notes that something is wrong here.
func (n node) fail(message string, arguments ...any) {
	text := fmt.Sprintf(message, arguments...)
	if n.path != "" {
		text = n.path + ": " + text
	}
	*n.problems = append(*n.problems, errors.New(text))
}

// given tells whether there is a value here; null is none.
func (n node) given() bool { return n.value != nil }

// object demands an object with no other keys than these.
func (n node) object(keys ...string) bool {
	if !n.given() {
		return false
	}
	object, ok := n.value.(map[string]any)
	if !ok {
		n.fail("is no object")
		return false
	}
	var unknown []string
	for key := range object {
		if !slices.Contains(keys, key) {
			unknown = append(unknown, key)
		}
	}
	slices.Sort(unknown)
	for _, key := range unknown {
		n.fail("there is no key %q here%s", key, suggest(key, keys))
	}
	return true
}

// at goes to a key of an object.
func (n node) at(key string) node {
	object, _ := n.value.(map[string]any)
	path := key
	if n.path != "" {
		path = n.path + "." + key
	}
	return node{path: path, value: object[key], problems: n.problems}
}

// list goes through a list.
func (n node) list() []node {
	if !n.given() {
		return nil
	}
	list, ok := n.value.([]any)
	if !ok {
		n.fail("is no list")
		return nil
	}
	nodes := make([]node, len(list))
	for i, value := range list {
		nodes[i] = node{path: fmt.Sprintf("%s[%d]", n.path, i), value: value, problems: n.problems}
	}
	return nodes
}

// text demands a text. YAML reads 010 as 8 and no as false, so what is meant as
// a text is written as one.
func (n node) text() string {
	switch value := n.value.(type) {
	case nil:
		return ""
	case string:
		return value
	case bool, json.Number:
		n.fail("is read as %v, which is no text: put it in quotes", value)
	default:
		n.fail("is no text")
	}
	return ""
}

// literal is a text, or a number or truth value as YAML reads it.
func (n node) literal() string {
	switch value := n.value.(type) {
	case bool:
		return strconv.FormatBool(value)
	case json.Number:
		return value.String()
	default:
		return n.text()
	}
}

// required demands a text that is there.
func (n node) required() string {
	text := n.text()
	if text == "" && !n.isWrong() {
		n.fail("is required")
	}
	return text
}

// isWrong tells whether there is a value that is no text, which was told.
func (n node) isWrong() bool {
	_, ok := n.value.(string)
	return n.given() && !ok
}

// truth demands true or false; false if nothing is there.
func (n node) truth() bool {
	value, ok := n.value.(bool)
	if n.given() && !ok {
		n.fail("is neither true nor false")
	}
	return value
}

// integer demands a whole number within bounds.
func (n node) integer(otherwise, lowest, highest int) int {
	if !n.given() {
		return otherwise
	}
	number, _ := n.value.(json.Number)
	value, err := strconv.Atoi(number.String())
	if err != nil || value < lowest || value > highest {
		n.fail("is no whole number from %d to %d", lowest, highest)
		return otherwise
	}
	return value
}

// choice demands one of some words; the first if nothing is there.
func choice[T ~string](n node, words ...T) T {
	if !n.given() {
		return words[0]
	}
	text := n.text()
	if slices.Contains(words, T(text)) {
		return T(text)
	}
	if !n.isWrong() {
		n.fail("there is no %q here%s", text, suggest(text, words))
	}
	return words[0]
}

// suggest names the word that was perhaps meant, or else all there are.
func suggest[T ~string](text string, words []T) string {
	best, distance := "", 1+max(2, len(text)/3)
	for _, word := range words {
		if d := customer.EditDistance(strings.ToLower(text), strings.ToLower(string(word))); d < distance {
			best, distance = string(word), d
		}
	}
	if best != "" {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	const most = 50
	if len(words) == 0 {
		return ""
	}
	quoted := make([]string, 0, min(len(words), most))
	for _, word := range words[:min(len(words), most)] {
		quoted = append(quoted, strconv.Quote(shorten(string(word))))
	}
	if len(words) > most {
		quoted = append(quoted, fmt.Sprintf("and %d more", len(words)-most))
	}
	return "; there is " + strings.Join(quoted, ", ")
}
