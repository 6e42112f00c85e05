package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/fairlead/fairlead/internal/customer/sensitive"
)

func newKeysetCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "keyset",
		Short: "Make and rotate the keys of sensitive fields, and of links",
		Long: `Make and rotate the keys of sensitive fields, and those of the links in messages: two
keysets, each made in the same way.

A keyset is a Tink keyset in JSON. In a cluster it is the key "keyset" of the
Secret that a CustomerStore names as encryptionKeySecretName, or as
gateway.linkKeySecretName. Who has the one can read bank accounts, who has the other can
unsubscribe anybody: keep them out of Git.

To rotate: rotate the keyset, put it where the old one is, and encrypt again. Links are not
made again: the old key stays until the last of them has expired, after a year and a half.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	command.AddCommand(newKeysetCreateCommand(), newKeysetRotateCommand(), newReencryptCommand())
	return command
}

func newKeysetCreateCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "create FILE",
		Short:   "Make a keyset",
		Example: `  fairlead keyset create keyset.json`,
		Args:    cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			keyset, err := sensitive.Generate()
			if err != nil {
				return err
			}
			return writeNew(command.OutOrStdout(), args[0], keyset)
		},
	}
}

func newKeysetRotateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "rotate OLD NEW",
		Short: "Add a new primary key to a keyset",
		Long: `Add a new primary key to a keyset. NEW has the old keys too: it reads what is
encrypted with them, and encrypts with the new one.`,
		Example: `  fairlead keyset rotate keyset.json keyset-2.json`,
		Args:    cobra.ExactArgs(2),
		RunE: func(command *cobra.Command, args []string) error {
			old, err := os.ReadFile(args[0])
			if err != nil {
				return usageError{err}
			}
			keyset, err := sensitive.Rotate(old)
			if err != nil {
				return usageError{fmt.Errorf("%s: %w", args[0], err)}
			}
			return writeNew(command.OutOrStdout(), args[1], keyset)
		},
	}
}

// writeNew writes a secret to a file that must not be there yet: an overwritten
// keyset is lost, with everything that it encrypted.
func writeNew(out io.Writer, name string, data []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return usageError{err}
	}
	_, err = file.Write(data)
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	fmt.Fprintf(out, "%s was written, for its owner only.\n", name)
	return nil
}

func newReencryptCommand() *cobra.Command {
	options := &storeOptions{}
	var output string
	command := &cobra.Command{
		Use:   "reencrypt",
		Short: "Encrypt the sensitive fields of a store with the newest key",
		Long: `Encrypt every sensitive field of a store anew that is not encrypted with the
primary key of the keyset. It may be interrupted and run again. When it is done,
the old keys are not needed any more.`,
		Example: `  fairlead keyset reencrypt --keyset-file keyset-2.json --store sqlite:///tmp/crm.db
  fairlead keyset reencrypt -n expo --store-name crm`,
		Args: cobra.NoArgs,
	}
	registerOutput(command.Flags(), &output)
	return onStore(command, options, func(ctx context.Context, s opened, _ []string, out io.Writer) error {
		if s.keys == nil {
			return usageError{errors.New("the keyset is missing: pass --keyset-file")}
		}
		progress := newProgress(command.ErrOrStderr(), 0, "encrypting")
		looked, changed, err := s.Reseal(ctx, s.sealer(), func(looked, _ int64) { progress.at(0, looked) })
		progress.finish()
		if err != nil {
			return err
		}
		return tell(out, output, map[string]int64{"encrypted": changed, "looked": looked},
			fmt.Sprintf("%d of %d sensitive fields were encrypted anew.", changed, looked))
	})
}
