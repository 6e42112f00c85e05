package mailsink

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

const unavailable = "421 4.3.2 not now"

var crlf = []byte("\r\n")

// commands by their names.
var commands = map[string]func(*session, []byte) error{
	"EHLO":     (*session).ehlo,
	"HELO":     (*session).helo,
	"STARTTLS": (*session).startTLS,
	"AUTH":     (*session).auth,
	"MAIL":     (*session).mail,
	"RCPT":     (*session).rcpt,
	"DATA":     (*session).dataCommand,
	"RSET":     (*session).rset,
	"NOOP":     (*session).noop,
	"QUIT":     (*session).quit,
	"VRFY":     (*session).notOffered,
	"EXPN":     (*session).notOffered,
	"HELP":     (*session).notOffered,
	"TURN":     (*session).notOffered,
	"ETRN":     (*session).notOffered,
	"BDAT":     (*session).notOffered,
}

// command carries out one line. An error other than errMistake ends the connection.
func (s *session) command(line []byte) error {
	if s.sink.faults.Load().unavailable {
		s.reply(unavailable)
		return errEnd
	}
	name, rest, _ := bytes.Cut(line, []byte(" "))
	// The longest name has eight letters; upper case without asking for memory.
	var upper [8]byte
	if len(name) > len(upper) {
		return s.refuse("500 5.5.1 no such command")
	}
	for i, letter := range name {
		if letter >= 'a' && letter <= 'z' {
			letter -= 'a' - 'A'
		}
		upper[i] = letter
	}
	run, known := commands[string(upper[:len(name)])]
	if !known {
		return s.refuse("500 5.5.1 no such command")
	}
	return run(s, rest)
}

func (s *session) ehlo(name []byte) error {
	if err := s.hello(name); err != nil {
		return err
	}
	s.reply("250-mailsink")
	s.reply("250-PIPELINING")
	s.reply("250-8BITMIME")
	s.reply("250-SMTPUTF8")
	s.reply("250-ENHANCEDSTATUSCODES")
	if s.sink.options.TLS != nil && !s.encrypted {
		s.reply("250-STARTTLS")
	}
	if s.sink.options.Username != "" {
		s.reply("250-AUTH PLAIN LOGIN")
	}
	s.reply("250 SIZE " + strconv.Itoa(s.sink.options.MaxSize))
	return nil
}

func (s *session) helo(name []byte) error {
	if err := s.hello(name); err != nil {
		return err
	}
	s.reply("250 mailsink")
	return nil
}

func (s *session) hello(name []byte) error {
	if len(bytes.TrimSpace(name)) == 0 {
		return s.refuse("501 5.5.4 say who you are")
	}
	s.forget()
	s.greeted = true
	return nil
}

func (s *session) rset(rest []byte) error {
	if len(rest) > 0 {
		return s.refuse("501 5.5.4 RSET stands alone")
	}
	s.forget()
	s.reply("250 2.0.0 forgotten")
	return nil
}

func (s *session) noop([]byte) error {
	s.reply("250 2.0.0 ok")
	return nil
}

func (s *session) quit([]byte) error {
	s.reply("221 2.0.0 goodbye")
	return errEnd
}

func (s *session) notOffered([]byte) error {
	return s.refuse("502 5.5.1 this is not offered")
}

// mail begins a message.
func (s *session) mail(rest []byte) error {
	switch {
	case !s.greeted:
		return s.refuse("503 5.5.1 EHLO comes first")
	case s.sink.options.Username != "" && !s.known:
		return s.refuse("530 5.7.0 AUTH comes first")
	case s.begun:
		return s.refuse("503 5.5.1 a message was begun already")
	}
	address, parameters, ok := path(rest, "FROM:")
	if !ok {
		return s.refuse("501 5.5.4 want MAIL FROM:<address>")
	}
	if refusal := s.parameters(parameters); refusal != "" {
		s.utf8 = false
		return s.refuse(refusal)
	}
	if refusal := s.check(address, true); refusal != "" {
		s.utf8 = false
		return s.refuse(refusal)
	}
	s.begun = true
	s.from = append(s.from[:0], address...)
	s.reply("250 2.1.0 ok")
	return nil
}

// parameters reads what may follow the sender, and gives the refusal, if any.
func (s *session) parameters(parameters []byte) string {
	for parameter := range bytes.FieldsSeq(parameters) {
		key, value, _ := bytes.Cut(parameter, []byte("="))
		switch {
		case bytes.EqualFold(key, []byte("SIZE")):
			size, err := strconv.ParseUint(string(value), 10, 63)
			if err != nil {
				return "501 5.5.4 SIZE is a number"
			}
			if size > uint64(s.sink.options.MaxSize) { //nolint:gosec // It is not negative.
				return tooLarge
			}
		case bytes.EqualFold(key, []byte("BODY")):
			if !bytes.EqualFold(value, []byte("7BIT")) && !bytes.EqualFold(value, []byte("8BITMIME")) {
				return "501 5.5.4 BODY is 7BIT or 8BITMIME"
			}
		case bytes.EqualFold(parameter, []byte("SMTPUTF8")):
			s.utf8 = true
		case bytes.EqualFold(key, []byte("AUTH")) && s.sink.options.Username != "":
			// Who has written it first: of no use here.
		default:
			return "555 5.5.4 unknown parameter"
		}
	}
	return ""
}

// rcpt adds a recipient.
func (s *session) rcpt(rest []byte) error {
	if !s.begun {
		return s.refuse("503 5.5.1 MAIL comes first")
	}
	address, parameters, ok := path(rest, "TO:")
	if !ok {
		return s.refuse("501 5.5.4 want RCPT TO:<address>")
	}
	if len(parameters) > 0 {
		return s.refuse("555 5.5.4 unknown parameter")
	}
	if refusal := s.check(address, false); refusal != "" {
		s.rejected = true
		return s.refuse(refusal)
	}
	if s.count == maxRecipients {
		s.reply("452 4.5.3 too many recipients")
		return nil
	}
	if struck := s.sink.faults.Load().strike(address, RejectRecipient); struck != nil {
		s.rejected = true
		return s.fail(struck)
	}
	s.add(address)
	s.reply("250 2.1.5 ok")
	return nil
}

// add writes a recipient down. Whoever is named twice gets a message once.
func (s *session) add(address []byte) {
	for other := range bytes.SplitSeq(s.to, separator) {
		if bytes.Equal(other, address) {
			return
		}
	}
	if s.count > 0 {
		s.to = append(s.to, separator...)
	}
	s.to = append(s.to, address...)
	s.count++
}

// fail replies what a fault says. After 421 a server closes the connection.
func (s *session) fail(struck *rule) error {
	s.reply(struck.reply)
	if struck.code == 421 {
		return errEnd
	}
	return nil
}

// check looks at an address, and gives the refusal, if any.
func (s *session) check(address []byte, maybeEmpty bool) string {
	if len(address) == 0 && maybeEmpty {
		return ""
	}
	at := bytes.LastIndexByte(address, '@')
	if at < 1 || at == len(address)-1 || len(address) > 254 {
		return "501 5.1.3 this is no address"
	}
	plain := true
	for _, letter := range address {
		if letter < ' ' || letter == 0x7f {
			return "501 5.1.3 this is no address"
		}
		plain = plain && letter < utf8.RuneSelf
	}
	if !plain && !s.utf8 {
		return "553 5.6.7 such an address needs SMTPUTF8"
	}
	if !utf8.Valid(address) {
		return "501 5.1.3 this is no address"
	}
	return ""
}

// path takes FROM:<address> or TO:<address> apart. A quoted part may hold anything.
func path(rest []byte, word string) (address, parameters []byte, ok bool) {
	if len(rest) <= len(word) || !bytes.EqualFold(rest[:len(word)], []byte(word)) || rest[len(word)] != '<' {
		return nil, nil, false
	}
	rest = rest[len(word)+1:]
	quoted := false
	for i := 0; i < len(rest); i++ {
		switch letter := rest[i]; {
		case letter == '\\' && quoted:
			i++
		case letter == '"':
			quoted = !quoted
		case letter == ' ' && !quoted:
			return nil, nil, false
		case letter == '>' && !quoted:
			address, parameters = rest[:i], rest[i+1:]
			return address, bytes.TrimSpace(parameters), len(parameters) == 0 || parameters[0] == ' '
		}
	}
	return nil, nil, false
}
