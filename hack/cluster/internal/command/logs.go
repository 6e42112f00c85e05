package command

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fairlead/fairlead/hack/cluster/internal/binaries"
	"github.com/fairlead/fairlead/hack/cluster/internal/cluster"
	"github.com/fairlead/fairlead/hack/cluster/internal/layout"
)

func newLogs() *cobra.Command {
	var path bool
	command := &cobra.Command{
		Use:   "logs [COMPONENT]",
		Short: "Print the log of a component, or list the logs",
		Example: `  sudo bin/cluster logs
  sudo bin/cluster logs kubelet
  sudo tail --follow "$(bin/cluster logs kubelet --path)"`,
		Args:      arguments(0, 1, "at most one component"),
		ValidArgs: cluster.Components(),
		RunE: func(command *cobra.Command, given []string) error {
			_, where, err := newCluster(io.Discard)
			if err != nil {
				return err
			}
			if len(given) == 0 {
				return listLogs(command.OutOrStdout(), where)
			}
			component := given[0]
			if !slices.Contains(cluster.Components(), component) {
				return fmt.Errorf("%w: no component is called %q; there are %s", errUsage, component, strings.Join(cluster.Components(), ", "))
			}
			if path {
				_, err := fmt.Fprintln(command.OutOrStdout(), where.Log(component))
				return err
			}
			return printLog(command.OutOrStdout(), where, component)
		},
	}
	command.Flags().BoolVar(&path, "path", false, "print where the log is instead")
	return command
}

func listLogs(out io.Writer, where layout.Layout) error {
	for _, component := range cluster.Components() {
		information, err := os.Stat(where.Log(component))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return unreadable(err)
		}
		fmt.Fprintf(out, "%-26s %9d bytes  %s\n", component, information.Size(), where.Log(component))
	}
	if _, err := os.Stat(where.Logs()); errors.Is(err, os.ErrNotExist) {
		return unreadable(err)
	}
	return nil
}

func printLog(out io.Writer, where layout.Layout, component string) error {
	file, err := os.Open(where.Log(component))
	if errors.Is(err, os.ErrNotExist) {
		return noLog(where, component)
	}
	if err != nil {
		return unreadable(err)
	}
	defer func() { _ = file.Close() }()
	if _, err := io.Copy(out, file); err != nil {
		return fmt.Errorf("reading the log of %s: %w", component, err)
	}
	return nil
}

// printTail prints the end of a log.
func printTail(out io.Writer, path, component string) {
	content, err := os.ReadFile(path)
	if err != nil || len(content) == 0 {
		return
	}
	lines := strings.Split(strings.TrimRight(string(content), "\n"), "\n")
	fmt.Fprintf(out, "\nThe end of the log of %s:\n", component)
	for _, line := range lines[max(0, len(lines)-15):] {
		fmt.Fprintf(out, "  %s\n", line)
	}
	fmt.Fprintln(out)
}

// keepLogs copies the logs of a start that failed to the cache, because the
// state folder is removed. Only those of the last such start are kept.
func keepLogs(where layout.Layout) (string, error) {
	cache, err := binaries.CacheFolder(os.Getenv)
	if err != nil {
		return "", err
	}
	folder := filepath.Join(cache, "failed-start")
	if err := os.RemoveAll(folder); err != nil {
		return "", fmt.Errorf("removing the logs of an earlier start: %w", err)
	}
	if err := os.CopyFS(folder, os.DirFS(where.Logs())); err != nil {
		return "", fmt.Errorf("keeping the logs: %w", err)
	}
	if err := binaries.InheritAll(folder); err != nil {
		return "", err
	}
	return folder, nil
}
