// Package logs is how programs that run for long log.
package logs

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/spf13/pflag"
)

// Options say how a program logs.
type Options struct {
	level  string
	format string
}

// Register adds the flags.
func (o *Options) Register(flags *pflag.FlagSet) {
	flags.StringVar(&o.level, "log-level", "info", "lowest level logged: debug, info, warn or error")
	flags.StringVar(&o.format, "log-format", "json", "json, or text for people at a terminal")
}

// Logger writes structured logs. An error is a mistake in the flags.
func (o *Options) Logger(out io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(o.level)); err != nil {
		return nil, fmt.Errorf("--log-level %q: want debug, info, warn or error", o.level)
	}
	options := &slog.HandlerOptions{Level: level}
	switch o.format {
	case "json":
		return slog.New(slog.NewJSONHandler(out, options)), nil
	case "text":
		return slog.New(slog.NewTextHandler(out, options)), nil
	default:
		return nil, fmt.Errorf("--log-format %q: want json or text", o.format)
	}
}
