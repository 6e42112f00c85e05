package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fairlead/fairlead/controllers/lint"
)

func newLintCommand() *cobra.Command {
	var output string
	var files []string
	command := &cobra.Command{
		Use:   "lint -f FILE_OR_FOLDER",
		Short: "Find in manifests, before they are applied, the mistakes that controllers would find",
		Long: `Find in manifests, before they are applied, the mistakes that controllers would find:
expressions and templates that do not compile, segments that ask in a circle, currencies,
countries and time zones that there are not, editions that are declared twice. It needs
neither a cluster nor a store, and uses the code of the controllers.

Objects see each other within one namespace; those without a namespace see each other,
too. What is not in the files may be in the cluster, and is no mistake: it is counted,
and not checked. The types of attributes are known to a store alone, so an expression or
a message that asks for one is checked in part. What the API server refuses is not
looked for, but for fields and kinds that there are not.

Exit codes: 0 no mistakes, 1 mistakes were found, 2 something could not be read.`,
		Example: `  fairlead lint -f config/
  kustomize build overlays/production | fairlead lint -f -
  fairlead lint -f store.yaml -f segments/ -o json`,
		Args: cobra.NoArgs,
		PreRunE: func(command *cobra.Command, _ []string) error {
			if len(files) == 0 {
				return usageError{errors.New("lint what? Pass -f FILE_OR_FOLDER")}
			}
			return checkOutput(command.Flags())
		},
		RunE: func(command *cobra.Command, _ []string) error {
			return lintFiles(command.Context(), files, command.InOrStdin(), command.OutOrStdout(), output)
		},
	}
	flags := command.Flags()
	registerOutput(flags, &output)
	flags.StringArrayVarP(&files, "filename", "f", nil, `manifests in YAML or JSON: a file, a folder with all below it, or "-" for the standard input; may be repeated`)
	return command
}

// lintFiles fails if there are mistakes, after it has told them.
func lintFiles(ctx context.Context, files []string, stdin io.Reader, out io.Writer, output string) error {
	if slices.Contains(files, "-") {
		stdin = interruptible(ctx, stdin)
	}
	objects, err := readFiles(files, nil, stdin)
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("reading manifests: %w", ctx.Err())
	case err != nil:
		return usageError{fmt.Errorf("-f: %w", err)}
	case len(objects) == 0:
		// Of nothing, everything would seem to be right.
		return usageError{fmt.Errorf("-f: there is no resource of Fairlead in %s: pass the manifests that have them", strings.Join(files, ", "))}
	}
	if err := onceEach(objects); err != nil {
		return usageError{fmt.Errorf("-f: %w", err)}
	}
	found, err := lint.Find(objects)
	if err != nil {
		return err
	}
	report := reportLint(objects, found)
	if output == "json" {
		err = writeJSON(out, report)
	} else {
		err = report.print(out)
	}
	if err == nil && report.Mistakes > 0 {
		err = fmt.Errorf("%s found: mend them before the manifests are applied", counted(report.Mistakes, "mistake", "mistakes"))
	}
	return err
}

// onceEach refuses an object that is declared twice: only the last one would be in force.
func onceEach(objects []lint.Object) error {
	files := map[[3]string]string{}
	for _, object := range objects {
		if object.GetName() == "" {
			continue
		}
		identity := [3]string{object.Kind(), object.GetNamespace(), object.GetName()}
		if other, twice := files[identity]; twice {
			return fmt.Errorf("%s is declared in %s and again in %s: pass what is applied, such as one overlay by kustomize build and -f -",
				placeOf(object.Kind(), object.GetNamespace(), object.GetName()), other, object.File)
		}
		files[identity] = object.File
	}
	return nil
}

// placeOf is an object as people name it.
func placeOf(kind, namespace, name string) string {
	if namespace == "" {
		return kind + "/" + name
	}
	return kind + "/" + namespace + "/" + name
}

// lintReport is what was found in manifests.
type lintReport struct {
	Findings []lint.Finding `json:"findings"`
	// Objects that were looked at, and Files that have them.
	Objects int `json:"objects"`
	Files   int `json:"files"`
	// Mistakes is the number of findings.
	Mistakes int `json:"mistakes"`
	// ReferencesOutside lead to what is not in the files, and were not checked.
	ReferencesOutside int `json:"referencesOutside"`
	// ExpressionsInPart were checked but for the types of attributes.
	ExpressionsInPart int `json:"expressionsInPart"`
}

func reportLint(objects []lint.Object, found lint.Report) lintReport {
	files := map[string]bool{}
	for _, object := range objects {
		files[object.File] = true
	}
	return lintReport{
		Findings: append([]lint.Finding{}, found.Findings...), Objects: len(objects), Files: len(files), Mistakes: len(found.Findings),
		ReferencesOutside: found.Outside, ExpressionsInPart: found.InPart,
	}
}

// print writes the report for people: a line for each mistake, and the summary.
func (r lintReport) print(out io.Writer) error {
	for _, f := range r.Findings {
		fmt.Fprintln(out, oneLine(fmt.Sprintf("%s: %s: %s: %s (%s)", f.File, placeOf(f.Kind, f.Namespace, f.Name), f.Field, f.Message, f.Reason)))
	}
	mistakes := "no mistakes"
	if r.Mistakes > 0 {
		mistakes = counted(r.Mistakes, "mistake", "mistakes")
	}
	summary := fmt.Sprintf("%s in %s: %s.", counted(r.Objects, "object", "objects"), counted(r.Files, "file", "files"), mistakes)
	if r.ReferencesOutside > 0 {
		summary += fmt.Sprintf(" Not checked: %s to what is not in the files.", counted(r.ReferencesOutside, "reference", "references"))
	}
	if r.ExpressionsInPart > 0 {
		summary += fmt.Sprintf(" Checked in part: %s with attributes, whose types only a store knows.", counted(r.ExpressionsInPart, "expression", "expressions"))
	}
	_, err := fmt.Fprintln(out, summary)
	return err
}

// counted is a number with its noun.
func counted(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprint(n, " ", more)
}
