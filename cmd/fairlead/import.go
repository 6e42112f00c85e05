package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/intake"
	"github.com/fairlead/fairlead/internal/store"
)

// importOptions are the flags of import.
type importOptions struct {
	storeOptions
	mappingFile string
	rejectsFile string
	dryRun      bool
	output      string
	file        string
	// cpuProfile is where make bench wants a profile.
	cpuProfile string
}

func newImportCommand() *cobra.Command {
	options := &importOptions{}
	command := &cobra.Command{
		Use:   "import -f MAPPING FILE",
		Short: "Import customers and facts from a file into a customer store",
		Long: `Import customers and facts from a file into a customer store.

FILE is CSV or JSON lines, also compressed with gzip; "-" reads the standard
input. MAPPING is a YAML file that says what its columns mean; see
docs/reference/import.md.

Importing the same file again changes nothing. An import that was interrupted
may be run again. Rows that cannot be taken are written to a file of rejects,
with line, column and reason, to be mended and imported by the same mapping.

Exit codes: 0 everything was taken, 1 failed, 2 called wrongly (nothing was
done), 3 some rows were rejected.`,
		Example: `  # see what an import would do
  fairlead import -f data/airshows/participations.yaml --dry-run \
    --store sqlite:///tmp/crm.db data/airshows/exhibitors.csv.gz

  # do it, and read the figures by a program
  fairlead import -f data/airshows/participations.yaml -o json \
    --store sqlite:///tmp/crm.db data/airshows/exhibitors.csv.gz

  # into the store of a cluster
  fairlead import -f badges.yaml -n expo --store-name crm badges.csv`,
		Args: cobra.ExactArgs(1),
		PreRunE: func(command *cobra.Command, args []string) error {
			options.file = args[0]
			if err := checkOutput(command.Flags()); err != nil {
				return err
			}
			return options.check()
		},
		RunE: func(command *cobra.Command, _ []string) error {
			return options.run(command.Context(), command.InOrStdin(), command.OutOrStdout(), command.ErrOrStderr())
		},
	}
	flags := command.Flags()
	options.register(flags)
	flags.StringVarP(&options.mappingFile, "mapping", "f", "", "mapping file (required)")
	flags.StringVar(&options.rejectsFile, "rejects", "", "where rejected rows go (default: FILE.rejects.csv in the working folder)")
	flags.BoolVar(&options.dryRun, "dry-run", false, "say what would change, and change nothing; other writers wait meanwhile")
	registerOutput(flags, &options.output)
	flags.StringVar(&options.cpuProfile, "cpu-profile", "", "write a profile of the processor's time")
	if err := flags.MarkHidden("cpu-profile"); err != nil {
		panic(err) // the flag is the one above
	}
	return command
}

func (o *importOptions) check() error {
	if o.mappingFile == "" {
		return usageError{errors.New("-f MAPPING is missing: it says what the columns of the file mean (docs/reference/import.md)")}
	}
	if o.rejectsFile == "" {
		o.rejectsFile = "rejects.csv"
		if o.file != "-" {
			o.rejectsFile = strings.TrimSuffix(filepath.Base(o.file), ".gz") + ".rejects.csv"
		}
	}
	return o.storeOptions.check()
}

// run imports the file. Figures go to out, progress and warnings to notes.
func (o *importOptions) run(ctx context.Context, stdin io.Reader, out, notes io.Writer) error {
	in, err := o.openInput(ctx, stdin)
	if err != nil {
		return err
	}
	defer in.file.Close()
	s, err := o.openChecked(ctx)
	switch {
	case ctx.Err() != nil && err != nil:
		return errInterrupted
	case err != nil:
		return err
	}
	defer s.Close()

	run := &importRun{
		mapping: in.mapping, reader: in.reader, keys: s.sealer(), dryRun: o.dryRun, fileName: filepath.Base(o.file),
		rejects: in.reader.Rejects(func() (io.WriteCloser, error) {
			return os.OpenFile(o.rejectsFile, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		}),
		progress: newProgress(notes, in.size, filepath.Base(o.file)),
	}
	stopProfile, err := startProfile(o.cpuProfile)
	if err != nil {
		return err
	}
	defer stopProfile()
	started := time.Now()
	tally, err := run.into(ctx, s.Store)
	run.progress.finish()
	if closeErr := run.rejects.Close(); err == nil && closeErr != nil {
		err = fmt.Errorf("writing %s: %w", o.rejectsFile, closeErr)
	}
	if err != nil {
		return o.failed(ctx, err)
	}
	report := o.report(in, tally, onTerminal(notes))
	report.Seconds = time.Since(started).Seconds()
	if err := report.print(out, notes, o.output); err != nil {
		return err
	}
	if tally.Rejected > 0 {
		return rejectedError{fmt.Errorf("%d of %d rows were rejected: see %s", tally.Rejected, tally.Read, o.rejectsFile)}
	}
	return nil
}

// failed says what to do about an import that came to no end.
func (o *importOptions) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		// Each database has its own words for it.
		err = errInterrupted
	}
	if o.dryRun || errors.As(err, new(usageError)) {
		return err
	}
	return fmt.Errorf("%w (what was imported before stays; run the same import again)", err)
}

// report says what an import came to. What a file says of somebody is nobody's
// business in a log: such texts are for a terminal.
func (o *importOptions) report(in *importInput, tally store.Tally, onTerminal bool) importReport {
	report := importReport{
		File: o.file, Source: in.mapping.Source, Entity: in.mapping.Entity().Name, DryRun: o.dryRun,
		Tally: tally, Ignored: in.reader.Ignored(),
	}
	if tally.Rejected > 0 {
		report.RejectsFile = o.rejectsFile
	}
	for _, warning := range in.reader.Warnings() {
		if !onTerminal {
			warning.Text = ""
		}
		report.Warnings = append(report.Warnings, warning.String())
	}
	if in.mapping.Mode == intake.Snapshot && tally.Rejected > 0 {
		report.Warnings = append(report.Warnings, "nothing was withdrawn, because rows were rejected: mend them in the whole file and import that")
	}
	return report
}

// readRows are read at once while others are written.
const readRows = 500

// importMemory is what the garbage collector keeps an import's memory to, in
// bytes: the program itself takes some 45 MiB more.
const importMemory = 52 << 20

var errInterrupted = errors.New("interrupted")

// importRun is one file on its way into a store.
type importRun struct {
	mapping  *intake.Mapping
	reader   *intake.Reader
	keys     store.Sealer
	dryRun   bool
	fileName string
	rejects  *intake.RejectsWriter
	progress *progress
}

// filled is a batch that was read, and what was rejected meanwhile.
type filled struct {
	rows       []customer.Row
	rejections []*intake.Rejection
	err        error
}

// into reads batches and writes them, both at once.
func (r *importRun) into(ctx context.Context, s *store.Store) (store.Tally, error) {
	into, err := s.Import(ctx, r.options())
	if err != nil {
		return store.Tally{}, err
	}
	defer into.Abandon()
	if err := into.DeclareAttributes(ctx, r.mapping.Attributes()); errors.As(err, new(*store.ConflictError)) {
		return store.Tally{}, usageError{err}
	} else if err != nil {
		return store.Tally{}, err
	}
	// Memory is bounded by the batches; the garbage between them need not be kept.
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(importMemory))
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	full, empty := make(chan *filled, 2), make(chan *filled, 4)
	for range cap(empty) {
		empty <- &filled{rows: make([]customer.Row, 0, readRows)}
	}
	go r.read(ctx, empty, full)
	for batch := range full {
		if err := r.write(ctx, into, batch); err != nil {
			return into.Tally(), err
		}
		empty <- batch
	}
	if err := ctx.Err(); err != nil {
		return into.Tally(), err
	}
	err = into.Finish(ctx)
	if err := errors.Join(err, r.writeRefused(into)); err != nil {
		return into.Tally(), err
	}
	return into.Tally(), nil
}

func (r *importRun) options() store.ImportOptions {
	options := store.ImportOptions{
		Source: store.Source{
			Name: r.mapping.Source, Trust: r.mapping.Trust, LegalBasis: r.mapping.LegalBasis, Acquired: r.mapping.Acquired,
		},
		Entity: r.mapping.Entity(), FileName: r.fileName, RejectUnknown: r.mapping.WhenUnknown == intake.Reject,
		Keys: r.keys, DryRun: r.dryRun,
	}
	for _, by := range r.mapping.ResolveBy {
		options.ResolveBy = append(options.ResolveBy, store.Resolution(by))
	}
	if r.mapping.Mode == intake.Snapshot {
		options.Snapshot = store.Scope(r.mapping.SnapshotOf)
	}
	return options
}

// read fills batches until the file ends or the context does.
func (r *importRun) read(ctx context.Context, empty <-chan *filled, full chan<- *filled) {
	defer close(full)
	for ended := false; !ended; {
		var batch *filled
		select {
		case batch = <-empty:
		case <-ctx.Done():
			return
		}
		ended = r.fill(batch)
		select {
		case full <- batch:
		case <-ctx.Done():
			return
		}
	}
}

// fill reads one batch and tells whether the file ended.
func (r *importRun) fill(batch *filled) (ended bool) {
	batch.rows, batch.rejections, batch.err = batch.rows[:0], nil, nil
	for len(batch.rows) < readRows && len(batch.rejections) < readRows {
		batch.rows = batch.rows[:len(batch.rows)+1]
		var rejection *intake.Rejection
		err := r.reader.Next(&batch.rows[len(batch.rows)-1])
		if err == nil {
			continue
		}
		batch.rows = batch.rows[:len(batch.rows)-1]
		switch {
		case errors.As(err, &rejection):
			batch.rejections = append(batch.rejections, rejection)
		case errors.Is(err, io.EOF):
			return true
		default:
			batch.err = err
			return true
		}
	}
	return false
}

// write takes one batch into the store. What was read before an error is kept.
func (r *importRun) write(ctx context.Context, into *store.Import, batch *filled) error {
	for _, rejection := range batch.rejections {
		if err := r.rejects.Write(rejection); err != nil {
			return fmt.Errorf("writing rejected rows: %w", err)
		}
	}
	into.Reject(int64(len(batch.rejections)))
	if err := into.Add(ctx, batch.rows); err != nil {
		return err
	}
	if batch.err != nil {
		err := into.Flush(ctx)
		if err == nil {
			err = into.Wait()
		}
		if err != nil {
			return errors.Join(batch.err, err)
		}
	}
	if err := r.writeRefused(into); err != nil {
		return err
	}
	r.progress.at(r.reader.Offset(), into.Tally().Read)
	return batch.err
}

// writeRefused adds the rows that the store refused to the rejects.
func (r *importRun) writeRefused(into *store.Import) error {
	for _, refused := range into.Rejections() {
		rejection := &intake.Rejection{
			Line: refused.Line, Column: r.mapping.ColumnOf(refused.Field), Reason: refused.Reason, Record: r.reader.Parts(refused.Original),
		}
		if rejection.Column == "" && refused.Field != "" {
			rejection.Reason = refused.Field + ": " + rejection.Reason
		}
		if err := r.rejects.Write(rejection); err != nil {
			return fmt.Errorf("writing rejected rows: %w", err)
		}
	}
	return nil
}
