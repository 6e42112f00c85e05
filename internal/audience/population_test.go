package audience

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// population is random customers, in both databases and for cel-go.
type population struct {
	t         testing.TB
	random    *rand.Rand
	today     time.Time
	databases map[string]*filled
	customers map[int64]*record
}

// filled is one database of a population.
type filled struct {
	store  *store.Store
	raw    *sql.DB
	number func(n int) string
}

var testCatalog = Catalog{CurrencyDigits: 2, Attributes: map[string]customer.Kind{
	"rating": customer.Decimal, "vip": customer.Truth, "note": customer.Text, "since": customer.Day,
}}

// programs are those of the population: one of three tiers, and one without.
var programs = []struct {
	name  string
	terms store.Terms
}{
	{"club", store.Terms{Tiers: []store.Tier{{Name: "gold"}, {Name: "Silver", From: 100 * store.PointUnits}, {Name: "Gold", From: 1200 * store.PointUnits}}}},
	{"Fair", store.Terms{}},
}

// number of customers whom each expression is asked about.
const populationSize = 60

func newPopulation(t testing.TB, seed uint64) *population {
	t.Helper()
	p := &population{t: t, random: rand.New(rand.NewPCG(seed, 1)), today: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), databases: map[string]*filled{}, customers: map[int64]*record{}}
	file := filepath.Join(t.TempDir(), "store.db")
	p.open("SQLite", "sqlite://"+file, "sqlite", file, func(n int) string { return "?" + strconv.Itoa(n) })
	url := server.NewDatabase(t)
	p.open("PostgreSQL", url, "pgx", url, func(n int) string { return "$" + strconv.Itoa(n) })
	p.insert("segment", map[string]any{"name": "Fair", "definition": "", "baseline": int64(1), "sequence": int64(0), "transition": int64(0), "day": int64(0), "members": int64(0)})
	p.insert("segment", map[string]any{"name": "one", "definition": "", "baseline": int64(1), "sequence": int64(0), "transition": int64(0), "day": int64(0), "members": int64(0)})
	for _, name := range []string{"two", "Expo", store.TiersOf("club"), store.TiersOf("Fair")} {
		p.insert("segment", map[string]any{"name": name, "definition": "", "baseline": int64(1), "sequence": int64(0), "transition": int64(0), "day": int64(0), "members": int64(0)})
	}
	for id, program := range programs {
		terms, err := json.Marshal(program.terms)
		if err != nil {
			t.Fatal(err)
		}
		p.insert("loyalty_program", map[string]any{"id": int64(id), "name": program.name, "terms": string(terms)})
	}
	// What programs are made afterwards have other numbers.
	p.insert("number_block", map[string]any{"name": "loyalty_program", "next": int64(len(programs))})
	for id := range int64(populationSize) {
		p.customers[id+1] = p.customer(id + 1)
	}
	return p
}

func (p *population) open(name, url, driver, source string, number func(int) string) {
	p.t.Helper()
	opened, err := store.Open(p.t.Context(), url, store.Options{Create: true, Now: func() time.Time { return p.today.Add(7 * time.Hour) }})
	if err != nil {
		p.t.Fatal(err)
	}
	if _, _, err := opened.Migrate(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
	raw, err := sql.Open(driver, source)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { raw.Close(); opened.Close() })
	p.databases[name] = &filled{opened, raw, number}
}

// insert writes a row to both databases.
func (p *population) insert(table string, row map[string]any) {
	p.t.Helper()
	for name, d := range p.databases {
		var columns, places []string
		var args []any
		for column, value := range row {
			columns, args = append(columns, column), append(args, value)
			places = append(places, d.number(len(args)))
		}
		if _, err := d.raw.ExecContext(p.t.Context(), "INSERT INTO "+table+" ("+strings.Join(columns, ", ")+") VALUES ("+strings.Join(places, ", ")+")", args...); err != nil {
			p.t.Fatalf("%s: %s: %v", name, table, err)
		}
	}
}

// value is a random value of a measure: as a column holds it, and as cel-go sees it.
func (p *population) value(k customer.Kind, scale int, words []string) (any, ref.Val) {
	r := p.random
	integer := int64(r.IntN(6))
	switch r.IntN(12) {
	case 0:
		integer = r.Int64N(1<<54) - 1<<53
	case 1:
		integer = []int64{1 << 53, -1 << 53, 0, -1, 1}[r.IntN(5)]
	case 2:
		integer = -integer
	}
	switch k {
	case customer.Whole:
		return integer, types.Int(integer)
	case customer.Money, customer.Decimal:
		if r.IntN(2) == 0 {
			integer = int64(r.IntN(2_000_000)) - 200_000
		}
		// What is too large for a decimal can still be compared with what is written
		// down, though cel-go has no value for it.
		most := new(big.Int).Quo(mostInteger, timesTen(1, decimalDigits-scale)).Int64()
		integer = max(-most, min(most, integer))
		return integer, scaledValue(integer, scale)
	case customer.Day, customer.Instant:
		at := p.today.Add(-time.Duration(r.IntN(1200*24)-24*10) * time.Hour).UnixMilli()
		switch r.IntN(15) {
		case 0:
			at = leastInstant.Int64()
		case 1:
			at = mostInstant.Int64()
		}
		return at, types.Timestamp{Time: time.UnixMilli(at).UTC()}
	case customer.Truth:
		truth := r.IntN(2) == 0
		return truth, types.Bool(truth)
	case customer.Words:
		set := r.Int64N(1 << len(words))
		if r.IntN(2) == 0 {
			set = 1
		}
		var all []string
		for i, word := range words {
			if set>>i&1 == 1 {
				all = append(all, word)
			}
		}
		return set, types.DefaultTypeAdapter.NativeToValue(all)
	case customer.Word:
		word := words[r.IntN(len(words))]
		return word, types.String(word)
	default:
		text := texts[r.IntN(len(texts))]
		return text, types.String(text)
	}
}

// scaledValue is a stored decimal as cel-go sees it; nil if it is too large to be one.
func scaledValue(integer int64, scale int) ref.Val {
	units, is := decimalResult(timesTen(integer, decimalDigits-scale)).(decimal)
	if !is {
		return nil
	}
	return units
}

// row is random values of measures, some of them absent.
func (p *population) row(measures []customer.Measure, kind *types.Type) (map[string]any, *record) {
	columns, fields := map[string]any{}, &record{kind: kind, fields: map[string]ref.Val{}}
	for _, m := range measures {
		if m.Computed || !neverAbsent(m) && p.random.IntN(3) == 0 {
			continue
		}
		scale := m.Scale
		if m.Kind == customer.Money {
			scale = 2
		}
		column, value := p.value(m.Kind, scale, m.Words)
		columns[m.Column()] = column
		if value != nil {
			fields.fields[m.Name] = value
		}
	}
	return columns, fields
}

func (p *population) customer(id int64) *record {
	p.t.Helper()
	columns, c := p.row(customer.CustomerMeasures, customerType)
	columns["customer_id"], columns["generation"] = id, int64(1)
	p.insert("customer_profile", columns)
	if since, has := c.fields["relationshipSince"].(types.Timestamp); has {
		months := (p.today.UnixMilli() - since.UnixMilli()) / customer.MonthMillis
		c.fields["relationshipMonths"] = types.Int(months)
		if profit, has := columns["net_profit"].(int64); has {
			if value := scaledValue(profit*customer.DefaultRelationshipMonths/max(12, months), 2); value != nil {
				c.fields["expectedProfit"] = value
			}
		}
	}
	k := &known{series: map[string]map[string]*record{}, segments: map[[2]string]bool{}, tiers: map[string]string{}, points: map[string]decimal{}, missing: map[string]decimal{}, lists: map[string]bool{}, today: p.today}
	c.store = k
	for _, series := range []string{"Fair", "Expo"} {
		p.takesPart(id, series, k)
	}
	for _, segment := range []string{"Fair", "one"} {
		if p.random.IntN(2) == 0 {
			class := []string{"", "A", "B"}[p.random.IntN(3)]
			k.segments[[2]string{segment, ""}], k.segments[[2]string{segment, class}] = true, true
			p.insert("segment_member", map[string]any{"segment": segment, "customer_id": id, "class": class, "entered_at": int64(0)})
		}
	}
	if p.random.IntN(2) == 0 {
		k.tiers["club"] = []string{"Gold", "gold", "Silver"}[p.random.IntN(3)]
		p.insert("segment_member", map[string]any{"segment": store.TiersOf("club"), "customer_id": id, "class": k.tiers["club"], "entered_at": int64(0)})
	}
	for program := range programs {
		p.standing(id, program, k)
	}
	for i, list := range []string{"one", "Fair"} {
		if p.random.IntN(2) == 0 {
			row := map[string]any{"id": 2*id + int64(i), "source_id": int64(1), "external_key": fmt.Sprint(id, list), "list": list, "party_id": id, "party_record_id": id, "digest": int64(0), "import_id": int64(1)}
			if p.random.IntN(3) == 0 {
				row["withdrawn_at"] = int64(1)
			}
			k.lists[list] = row["withdrawn_at"] == nil
			p.insert("list_member", row)
		}
	}
	p.party(id, c)
	return c
}

// standing gives a customer its points in a program.
func (p *population) standing(id int64, program int, k *known) {
	if p.random.IntN(4) == 0 {
		return
	}
	points := func() int64 {
		switch p.random.IntN(8) {
		case 0:
			return []int64{0, -1, 100 * store.PointUnits, 1200 * store.PointUnits, math.MaxInt64, math.MinInt64}[p.random.IntN(6)]
		case 1:
			return -p.random.Int64N(200 * store.PointUnits)
		default:
			return p.random.Int64N(1500) * store.PointUnits
		}
	}
	named, balance, counting := programs[program], points(), points()
	k.points[named.name] = decimal(balance)
	// Beyond a decimal nothing is known.
	if next, missing := named.terms.Next(counting); next != nil && missing > 0 {
		k.missing[named.name] = decimal(missing)
	}
	row := map[string]any{"program_id": int64(program), "customer_id": id, "tier": "", "tier_points": counting, "balance": balance}
	for _, column := range []string{"earned", "adjusted", "redeemed", "expired", "unearned"} {
		row[column] = int64(0)
	}
	p.insert("loyalty_member", row)
}

// takesPart gives a customer its rows in a series.
func (p *population) takesPart(id int64, series string, k *known) {
	k.series[series] = map[string]*record{}
	main, most := "", types.Int(0)
	rows := map[string]map[string]any{}
	for _, role := range []string{"Exhibitor", "Visitor"} {
		if p.random.IntN(2) == 0 {
			continue
		}
		columns, fields := p.row(customer.SeriesMeasures, seriesType)
		columns["customer_id"], columns["generation"], columns["series"], columns["role"] = id, int64(1), series, role
		k.series[series][role], rows[role] = fields, columns
		if participations := fields.fields["participations"].(types.Int); main == "" || participations > most {
			main, most = role, participations
		}
	}
	for role, columns := range rows {
		columns["main"] = role == main
		k.series[series][role].fields["main"] = types.Bool(role == main)
		p.insert("customer_series_profile", columns)
	}
	if main != "" {
		k.series[series][""] = k.series[series][main]
	}
}

// party gives a customer its attributes.
func (p *population) party(id int64, c *record) {
	attributes := &record{kind: attributesType, fields: map[string]ref.Val{}}
	var members []string
	for _, name := range []string{"rating", "vip", "note", "since"} {
		if p.random.IntN(3) == 0 {
			continue
		}
		stored, value := p.value(testCatalog.Attributes[name], customer.AttributeScale, nil)
		if value == nil {
			continue
		}
		attributes.fields[name] = value
		text := fmt.Sprint(stored)
		if written, is := stored.(string); is {
			text = strconv.Quote(written)
			if strings.ContainsAny(written, "\u00a0\u0301") {
				text = `"` + written + `"`
			}
		}
		members = append(members, strconv.Quote(name)+":"+text)
	}
	c.fields["attributes"] = attributes
	p.insert("party", map[string]any{"id": id, "kind": "Organization", "code": fmt.Sprint("FL-", id), "attributes": "{" + strings.Join(members, ",") + "}"})
}

// missingSeries is a series in which a customer has no row.
var missingSeries = func() *record {
	r := &record{kind: seriesType, fields: map[string]ref.Val{}}
	for _, m := range customer.SeriesMeasures {
		if m.Kind == customer.Whole && neverAbsent(m) {
			r.fields[m.Name] = types.Int(0)
		}
	}
	return r
}()
