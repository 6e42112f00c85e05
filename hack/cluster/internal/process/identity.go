package process

// Identity names one process beyond doubt: its number alone may be given to
// another process later.
type Identity struct {
	// PID is the process number.
	PID int `json:"pid"`
	// Start is the start time in clock ticks since the boot.
	Start uint64 `json:"start"`
	// Boot is the boot in which the process started.
	Boot string `json:"boot"`
}

// Identify reads the identity of a running process.
func (p Proc) Identify(pid int) (Identity, error) {
	boot, err := p.Boot()
	if err != nil {
		return Identity{}, err
	}
	stat, err := p.Stat(pid)
	if err != nil {
		return Identity{}, err
	}
	return Identity{PID: pid, Start: stat.Start, Boot: boot}, nil
}

// Alive tells whether that very process still runs. One that has ended and
// waits to be collected does not.
func (p Proc) Alive(who Identity) bool {
	if who.PID <= 0 {
		return false
	}
	boot, err := p.Boot()
	if err != nil || boot != who.Boot {
		return false
	}
	stat, err := p.Stat(who.PID)
	return err == nil && stat.Start == who.Start && stat.State != 'Z' && stat.State != 'X'
}

// Marked lists the processes whose environment carries the variable with that
// value; an empty value takes any.
func (p Proc) Marked(variable, value string) ([]Identity, error) {
	pids, err := p.PIDs()
	if err != nil {
		return nil, err
	}
	boot, err := p.Boot()
	if err != nil {
		return nil, err
	}
	var found []Identity
	for _, pid := range pids {
		// The start time is read first: should the number change hands in
		// between, the identity does not match the new owner.
		stat, err := p.Stat(pid)
		if err != nil || stat.State == 'Z' {
			continue
		}
		if got, ok := p.Environment(pid, variable); ok && (value == "" || got == value) {
			found = append(found, Identity{PID: pid, Start: stat.Start, Boot: boot})
		}
	}
	return found, nil
}
