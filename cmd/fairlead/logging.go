package main

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/spf13/pflag"
)

// logOptions say how a long-running command logs.
type logOptions struct {
	level  string
	format string
}

func (o *logOptions) register(flags *pflag.FlagSet) {
	flags.StringVar(&o.level, "log-level", "info", "lowest level logged: debug, info, warn or error")
	flags.StringVar(&o.format, "log-format", "json", "json, or text for people at a terminal")
}

// logger writes structured logs.
func (o *logOptions) logger(out io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(o.level)); err != nil {
		return nil, usageError{fmt.Errorf("--log-level %q: want debug, info, warn or error", o.level)}
	}
	options := &slog.HandlerOptions{Level: level}
	switch o.format {
	case "json":
		return slog.New(slog.NewJSONHandler(out, options)), nil
	case "text":
		return slog.New(slog.NewTextHandler(out, options)), nil
	default:
		return nil, usageError{fmt.Errorf("--log-format %q: want json or text", o.format)}
	}
}
