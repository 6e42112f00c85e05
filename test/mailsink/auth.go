package mailsink

import (
	"bytes"
	"crypto/subtle"
	"encoding/base64"
	"errors"
)

// errCancelled says that the client does not want to log in after all.
var errCancelled = errors.New("cancelled")

// startTLS goes on under TLS. All that was said before is forgotten.
func (s *session) startTLS(rest []byte) error {
	switch {
	case s.sink.options.TLS == nil:
		return s.notOffered(nil)
	case s.encrypted:
		return s.refuse("503 5.5.1 this is TLS already")
	case len(rest) > 0:
		return s.refuse("501 5.5.4 STARTTLS stands alone")
	}
	s.reply("220 2.0.0 go ahead")
	if err := s.flush(); err != nil {
		return err
	}
	s.forget()
	s.greeted, s.known = false, false
	s.encrypt(s.sink.options.TLS)
	return nil
}

// auth checks a password, by PLAIN or LOGIN.
func (s *session) auth(rest []byte) error {
	switch {
	case s.sink.options.Username == "":
		return s.notOffered(nil)
	case !s.greeted:
		return s.refuse("503 5.5.1 EHLO comes first")
	case s.known || s.begun:
		return s.refuse("503 5.5.1 not now")
	}
	mechanism, initial, given := bytes.Cut(rest, []byte(" "))
	var username, password []byte
	var err error
	switch {
	case bytes.EqualFold(mechanism, []byte("PLAIN")):
		username, password, err = s.plain(initial, given)
	case bytes.EqualFold(mechanism, []byte("LOGIN")):
		username, password, err = s.login(initial, given)
	default:
		return s.refuse("504 5.5.4 AUTH is by PLAIN or LOGIN")
	}
	var malformed base64.CorruptInputError
	switch {
	case errors.Is(err, errCancelled):
		return s.refuse("501 5.7.0 cancelled")
	case errors.As(err, &malformed) || errors.Is(err, errLine):
		return s.refuse("501 5.5.2 this is not Base64")
	case err != nil:
		return err
	}
	same := subtle.ConstantTimeCompare(username, []byte(s.sink.options.Username)) &
		subtle.ConstantTimeCompare(password, []byte(s.sink.options.Password))
	if same != 1 {
		return s.refuse("535 5.7.8 wrong name or password")
	}
	s.known = true
	s.reply("235 2.7.0 welcome")
	return nil
}

// plain reads who somebody wants to be, a name and a password in one.
func (s *session) plain(initial []byte, given bool) (username, password []byte, err error) {
	answer, err := s.answer("334 ", initial, given)
	if err != nil {
		return nil, nil, err
	}
	_, answer, _ = bytes.Cut(answer, []byte{0})
	username, password, _ = bytes.Cut(answer, []byte{0})
	return username, password, nil
}

// login reads a name, then a password. Clients know the two questions in Base64.
func (s *session) login(initial []byte, given bool) (username, password []byte, err error) {
	if username, err = s.answer("334 VXNlcm5hbWU6", initial, given); err != nil {
		return nil, nil, err
	}
	password, err = s.answer("334 UGFzc3dvcmQ6", nil, false)
	return username, password, err
}

// answer decodes what was given, or else asks.
func (s *session) answer(question string, given []byte, isGiven bool) ([]byte, error) {
	if !isGiven {
		s.reply(question)
		line, err := s.line()
		if err != nil {
			return nil, err
		}
		given = line
	}
	switch string(given) {
	case "*":
		return nil, errCancelled
	case "=":
		return nil, nil
	}
	return base64.StdEncoding.AppendDecode(nil, given)
}
