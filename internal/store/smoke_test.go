package store_test

import (
	"context"
	"path/filepath"
	"testing"
	"os"

	"github.com/fairlead/fairlead/internal/customer"
	. "github.com/fairlead/fairlead/internal/store"
	"github.com/fairlead/fairlead/test/postgres"
)
var server *postgres.Server
func TestMain(m *testing.M) {
	os.Exit(postgres.Main(m, func(_ context.Context, s *postgres.Server) error { server = s; return nil }))
}
func TestSmoke(t *testing.T) {
	for name, url := range map[string]string{"sqlite":"sqlite://"+filepath.Join(t.TempDir(),"a.db"), "pg": server.NewDatabase(t)} {
	t.Run(name, func(t *testing.T) {
	ctx := context.Background()
	s, err := Open(ctx, url, Options{Create: true})
	if err != nil { t.Fatal(err) }
	defer s.Close()
	t.Log(s.CheckSchema(ctx))
	f, to, err := s.Migrate(ctx)
	t.Log(f, to, err)
	m, err := s.Mark(ctx)
	t.Log(m, err)
	e := customer.EntityByName("participation")
	rows := func() []customer.Row {
		var out []customer.Row
		for i, n := range []string{"Airbus SE", "AIRBUS", "Boeing", "Rolls-Royce plc", "Airbus"} {
			for _, ed := range []string{"2022","2024"} {
			r := customer.Row{Line: int64(i+2), Values: make([]customer.Value, len(e.Fields)), Parties: []customer.PartyRow{{Values: make([]customer.Value, len(customer.PartyFields))}}}
			r.Parties[0].Values[customer.PartyName] = customer.String(n)
			if i != 4 { r.Parties[0].Values[customer.PartyCountry] = customer.String("FR") } else { r.Parties[0].Values[customer.PartyCountry] = customer.String("DE")}
			r.Values[1] = customer.String(customer.EditionText("Farnborough", ed))
			r.Values[2] = customer.String("Exhibitor")
			r.Values[3] = customer.String("Attended")
			out = append(out, r)
			}
		}
		return out
	}
	for k := range 3 {
		im, err := s.Import(ctx, ImportOptions{Source: Source{Name:"a"}, Entity: e, ResolveBy: []Resolution{ByExternalKey,ByEmail,ByMatchKey}})
		if err != nil { t.Fatal(err) }
		rs := rows()
		if k == 2 { rs[0].Values[5] = customer.Number(1200) }
		rej, err := im.Write(ctx, rs)
		if err != nil { t.Fatal(err) }
		if err := im.Finish(ctx); err != nil { t.Fatal(err) }
		t.Logf("%+v %v", im.Tally(), rej)
	}
	c, err := s.Counts(ctx)
	t.Log(c, err)
	})
	}
}
