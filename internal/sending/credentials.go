package sending

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/fairlead/fairlead/internal/outreach"
	"github.com/fairlead/fairlead/internal/outreach/mail"
)

// Credentials are what a channel needs beside its plan; zero for what it does not.
type Credentials struct {
	Username, Password string
	// DKIMKey signs mails, and SigningSecret webhooks.
	DKIMKey, SigningSecret []byte
	// LinkKeyset makes the links in messages.
	LinkKeyset []byte
	// Authorities are trusted with servers' certificates. nil: those of the system.
	Authorities *x509.CertPool
}

// Server is the mail server of a channel.
func (c Credentials) Server(channel outreach.Channel) mail.Server {
	return mail.Server{
		Host: channel.SMTP.Host, Port: int(channel.SMTP.Port), TLS: mail.TLSMode(channel.SMTP.TLS), Username: c.Username, Password: c.Password, RootCAs: c.Authorities,
	}
}

// LinkKeysetFile is the file of the keyset that links are made with.
const LinkKeysetFile = "link-keyset"

// ReadCredentials reads what the Secrets and the ConfigMap of a channel are mounted as. There
// are none in no folder, "". What is wrong with the files is a MistakeError.
func ReadCredentials(folder string) (held Credentials, err error) {
	if folder == "" {
		return held, nil
	}
	files := map[string][]byte{}
	for _, name := range []string{"username", "password", "private.pem", "secret", "ca.crt", LinkKeysetFile} {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return held, fmt.Errorf("reading the channel's credentials: %w", err)
		}
		if err == nil {
			files[name] = data
		}
	}
	_, username := files["username"]
	_, password := files["password"]
	switch {
	case len(files) == 0:
		return held, MistakeError{errors.New("--credentials-dir: there is none of the files username, password, private.pem, secret, ca.crt and " + LinkKeysetFile + " in it")}
	case username != password:
		return held, MistakeError{errors.New("--credentials-dir: username and password are needed together")}
	}
	held.Username, held.Password = strings.TrimRight(string(files["username"]), "\r\n"), strings.TrimRight(string(files["password"]), "\r\n")
	held.DKIMKey, held.SigningSecret = files["private.pem"], files["secret"]
	held.LinkKeyset = files[LinkKeysetFile]
	if held.Authorities, err = mail.Authorities(nil, files["ca.crt"]); err != nil {
		return held, MistakeError{fmt.Errorf("--credentials-dir: ca.crt: %w", err)}
	}
	return held, nil
}
