package message

import (
	"io"
	"reflect"
	"strings"
	"text/template/parse"
)

// compiledPart is a subject, an html or a text.
type compiledPart struct {
	template executor
	// pieces write the very bytes that the template writes, in a tenth of the time.
	// Only templates that put fields between texts have them, as most do.
	pieces []piece
}

// executor is a template of text/template or of html/template.
type executor interface {
	Execute(to io.Writer, data any) error
}

// piece is a literal or, if read is not nil, a field.
type piece struct {
	literal []byte
	read    func(*Data) string
	escape  escaper
}

// render appends the part for one recipient.
func (p *compiledPart) render(to *[]byte, data *Data) error {
	if len(p.pieces) == 0 {
		return p.template.Execute(bounded{to}, data)
	}
	for i := range p.pieces {
		var longer []byte
		if next := &p.pieces[i]; next.read == nil {
			longer = append(*to, next.literal...)
		} else {
			longer = next.escape(*to, next.read(data))
		}
		if len(longer) > MaxPart {
			return ErrTooLong
		}
		*to = longer
	}
	return nil
}

// flatten makes pieces of a template that has been checked and, if it is an html,
// escaped. There are none if anything in it is not known here, and none if an
// action has not one of the escapers.
func (l *language) flatten(tree *parse.Tree, escapers map[string]escaper) []piece {
	var pieces []piece
	for _, node := range tree.Root.Nodes {
		switch node := node.(type) {
		case *parse.TextNode:
			pieces = append(pieces, piece{literal: node.Text})
		case *parse.ActionNode:
			// Names of fields have no spaces and begin with a point or the call of a
			// stand-in: no text in quotes and no other call reads like one.
			field, functions, _ := strings.Cut(node.Pipe.String(), pipeSign)
			names, isWritten := strings.CutPrefix(functions+pipeSign, callWrite+pipeSign)
			made := piece{read: l.reader(field, isWritten), escape: escapers[strings.TrimSuffix(names, pipeSign)]}
			if made.read == nil || made.escape == nil {
				return nil
			}
			pieces = append(pieces, made)
		default:
			return nil
		}
	}
	return pieces
}

// pipeSign stands between the commands of a pipe.
const pipeSign = " | "

// reader reads what a template calls a field, in words if the template has callWrite
// behind it; nil if that is not known.
func (l *language) reader(field string, isWritten bool) func(*Data) string {
	if name, is := strings.CutPrefix(field, "."+attributesPath+"."); is && isWritten {
		return func(data *Data) string { return l.write(data.Customer.Attributes[name]) }
	}
	if name, is := strings.CutPrefix(field, "."+milestonesPath+"."); is && isWritten {
		return func(data *Data) string { return l.write(data.Exhibition.Milestones[name]) }
	}
	found, known := places[field]
	switch {
	case !known:
		return nil
	case isWritten:
		return func(data *Data) string { return l.write(found.in(data).Interface()) }
	case found.isText:
		return func(data *Data) string { return found.in(data).String() }
	}
	return nil
}

// place is where a single value is in Data.
type place struct {
	// record is the number of the field of Data, field that of the field in there;
	// -1 if the value is in Data itself.
	record, field int
	isText        bool
}

// places are those of all single values, by what a checked template calls them.
var places = func() map[string]place {
	found := map[string]place{}
	for path, value := range members {
		if value.form != leaf {
			continue
		}
		first, second, inRecord := strings.Cut(path, ".")
		field, _ := reflect.TypeFor[Data]().FieldByName(first)
		at, name := place{record: field.Index[0], field: -1}, "."+path
		if inRecord {
			record := field.Type
			if members[first].optional {
				record, name = record.Elem(), "("+callOr+first+" ."+first+")."+second
			}
			field, _ = record.FieldByName(second)
			at.field = field.Index[0]
		}
		at.isText = field.Type == reflect.TypeFor[string]()
		found[name] = at
	}
	return found
}()

// in takes the value; that of an empty record where there is none.
func (p place) in(data *Data) reflect.Value {
	record := reflect.ValueOf(data).Elem().Field(p.record)
	switch {
	case p.field < 0:
		return record
	case record.Kind() != reflect.Pointer:
		return record.Field(p.field)
	case record.IsNil():
		return reflect.Zero(record.Type().Elem()).Field(p.field)
	}
	return record.Elem().Field(p.field)
}
