package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// sharedFile holds what several kinds share.
const sharedFile = "conditions.go"

// family is what a constant names.
type family string

// The families; each is the prefix of its constants' names.
const (
	familyCondition  family = "Condition"
	familyReason     family = "Reason"
	familyAnnotation family = "Annotation"
	familyLabel      family = "Label"
)

// constant is a word that a user meets in a status or sets on an object.
type constant struct {
	family family
	// kind that it belongs to; empty where several share it.
	kind string
	// value is what the user sees.
	value string
	// description is a sentence or more, from the doc comment.
	description string
}

// readConstants finds the conditions, reasons, annotations and labels of a
// package, in the order of its files and of their lines.
func readConstants(folder string) ([]constant, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return nil, fmt.Errorf("listing %s: %w", folder, err)
	}
	paths = slices.DeleteFunc(paths, func(path string) bool { return strings.HasSuffix(path, "_test.go") })
	slices.Sort(paths)
	var found []constant
	var problems []error
	for _, path := range paths {
		constants, err := readFile(path)
		found = append(found, constants...)
		problems = append(problems, err)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s declares no conditions and no reasons", folder)
	}
	return found, nil
}

func readFile(path string) ([]constant, error) {
	source, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading a file of the API: %w", err)
	}
	positions := token.NewFileSet()
	file, err := parser.ParseFile(positions, path, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("parsing a file of the API: %w", err)
	}
	kind := kindOf(file)
	var found []constant
	var problems []error
	for _, declaration := range file.Decls {
		group, ok := declaration.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for _, spec := range group.Specs {
			value, ok := spec.(*ast.ValueSpec)
			if !ok {
				continue
			}
			doc := value.Doc
			if !group.Lparen.IsValid() {
				doc = group.Doc
			}
			constants, err := readSpec(value, doc, kind)
			if err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", positions.Position(value.Pos()), err))
			}
			found = append(found, constants...)
		}
	}
	if len(found) > 0 && kind == "" && filepath.Base(path) != sharedFile {
		problems = append(problems, fmt.Errorf(
			"%s: declares conditions or reasons, but no kind: move them beside their kind, or to %s if several share them", path, sharedFile))
	}
	return found, errors.Join(problems...)
}

// readSpec reads one line of a const block.
func readSpec(spec *ast.ValueSpec, doc *ast.CommentGroup, kind string) ([]constant, error) {
	// A constant of a type of its own is a choice of a field, not one of these.
	if spec.Type != nil {
		return nil, nil
	}
	var found []constant
	for i, name := range spec.Names {
		belongs := familyOf(name.Name)
		if belongs == "" {
			continue
		}
		if i >= len(spec.Values) {
			return nil, fmt.Errorf("%s has no value of its own", name.Name)
		}
		literal, ok := spec.Values[i].(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return nil, fmt.Errorf("%s is not a plain string", name.Name)
		}
		value, err := strconv.Unquote(literal.Value)
		if err != nil {
			return nil, fmt.Errorf("reading the value of %s: %w", name.Name, err)
		}
		description, err := describe(name.Name, doc)
		if err != nil {
			return nil, err
		}
		found = append(found, constant{belongs, kind, value, description})
	}
	return found, nil
}

// familyOf a constant's name, or nothing.
func familyOf(name string) family {
	for _, candidate := range []family{familyCondition, familyReason, familyAnnotation, familyLabel} {
		if rest, ok := strings.CutPrefix(name, string(candidate)); ok && rest != "" && ast.IsExported(rest) {
			return candidate
		}
	}
	return ""
}

// describe turns "ReasonX says that the store is ..." into "The store is ...".
func describe(name string, doc *ast.CommentGroup) (string, error) {
	text := strings.Join(strings.Fields(doc.Text()), " ")
	if text == "" {
		return "", fmt.Errorf("%s has no doc comment: say what it means and, where a person can, how to mend it", name)
	}
	text, ok := strings.CutPrefix(text, name+" ")
	if !ok {
		return "", fmt.Errorf("the doc comment of %s does not begin with its name", name)
	}
	for _, opening := range []string{"says that ", "is "} {
		if rest, ok := strings.CutPrefix(text, opening); ok {
			text = rest
			break
		}
	}
	// A field's name is written as it is.
	if first, _, _ := strings.Cut(text, " "); strings.Contains(first, ".") {
		return "`" + first + "`" + strings.TrimPrefix(text, first), nil
	}
	return strings.ToUpper(text[:1]) + text[1:], nil
}

// kindOf gives the kind that a file declares, or nothing.
func kindOf(file *ast.File) string {
	for _, declaration := range file.Decls {
		group, ok := declaration.(*ast.GenDecl)
		if !ok || group.Tok != token.TYPE || group.Doc == nil {
			continue
		}
		// Text leaves out what looks like a directive, so the lines themselves.
		for _, line := range group.Doc.List {
			if strings.HasPrefix(line.Text, "// +kubebuilder:subresource:status") {
				if spec, ok := group.Specs[0].(*ast.TypeSpec); ok {
					return spec.Name.Name
				}
			}
		}
	}
	return ""
}
