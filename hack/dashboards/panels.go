package main

// The parts of Grafana's dashboards that these use, by Grafana's names
// (https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/).

// dashboard is one page.
type dashboard struct {
	UID           string     `json:"uid"`
	Title         string     `json:"title"`
	Description   string     `json:"description"`
	Tags          []string   `json:"tags"`
	Editable      bool       `json:"editable"`
	SchemaVersion int        `json:"schemaVersion"`
	Refresh       string     `json:"refresh"`
	Time          timeRange  `json:"time"`
	Templating    templating `json:"templating"`
	Panels        []panel    `json:"panels"`
}

type timeRange struct {
	From string `json:"from"`
	To   string `json:"to"`
}

type templating struct {
	List []variable `json:"list"`
}

// variable is what the reader chooses above the panels.
type variable struct {
	Name       string      `json:"name"`
	Label      string      `json:"label"`
	Type       string      `json:"type"`
	Query      string      `json:"query"`
	Datasource *datasource `json:"datasource,omitempty"`
	Refresh    int         `json:"refresh,omitempty"`
	IncludeAll bool        `json:"includeAll,omitempty"`
	Multi      bool        `json:"multi,omitempty"`
	AllValue   string      `json:"allValue,omitempty"`
	Sort       int         `json:"sort,omitempty"`
}

type datasource struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

// prometheus is the data source that the reader chooses.
var prometheus = datasource{Type: "prometheus", UID: "${datasource}"}

// panel shows one thing.
type panel struct {
	ID          int         `json:"id"`
	Type        panelType   `json:"type"`
	Title       string      `json:"title"`
	Description string      `json:"description"`
	Datasource  datasource  `json:"datasource"`
	GridPos     gridPos     `json:"gridPos"`
	FieldConfig fieldConfig `json:"fieldConfig"`
	Targets     []target    `json:"targets"`
}

// panelType is how a panel looks.
type panelType string

const (
	lines panelType = "timeseries"
	stat  panelType = "stat"
	bars  panelType = "bargauge"
	table panelType = "table"
)

type gridPos struct {
	H int `json:"h"`
	W int `json:"w"`
	X int `json:"x"`
	Y int `json:"y"`
}

type fieldConfig struct {
	Defaults fieldDefaults `json:"defaults"`
}

// fieldDefaults are how values are shown.
type fieldDefaults struct {
	Unit       unit       `json:"unit"`
	Min        *float64   `json:"min,omitempty"`
	Max        *float64   `json:"max,omitempty"`
	Decimals   *int       `json:"decimals,omitempty"`
	Thresholds thresholds `json:"thresholds"`
}

// unit is one of Grafana's.
type unit string

const (
	number       unit = "short"
	share        unit = "percentunit"
	seconds      unit = "s"
	days         unit = "d"
	perSecond    unit = "ops"
	squareMetres unit = "areaM2"
)

type thresholds struct {
	Mode  string `json:"mode"`
	Steps []step `json:"steps"`
}

// step is the colour from a value on; nil is from below all.
type step struct {
	Color string   `json:"color"`
	Value *float64 `json:"value"`
}

// target is a query.
type target struct {
	RefID        string     `json:"refId"`
	Datasource   datasource `json:"datasource"`
	Expr         string     `json:"expr"`
	LegendFormat string     `json:"legendFormat"`
	Instant      bool       `json:"instant,omitempty"`
	Format       string     `json:"format,omitempty"`
}

// view is a panel as the dashboards here declare it.
type view struct {
	looks              panelType
	title, description string
	in                 unit
	// width of 24 columns.
	width int
	// from is where the colours change, with the colour that begins there.
	from []step
	// queries with their legends.
	queries []query
}

type query struct{ expr, legend string }

// height of every panel.
const height = 8

// columns of a row.
const columns = 24

// laidOut places views one after the other.
func laidOut(views []view) []panel {
	panels := make([]panel, len(views))
	x, y := 0, 0
	for i, v := range views {
		if x+v.width > columns {
			x, y = 0, y+height
		}
		p := panel{
			ID: i + 1, Type: v.looks, Title: v.title, Description: v.description, Datasource: prometheus, GridPos: gridPos{height, v.width, x, y},
			FieldConfig: fieldConfig{fieldDefaults{Unit: v.in, Thresholds: thresholds{"absolute", append([]step{{Color: "text"}}, v.from...)}}},
		}
		for n, q := range v.queries {
			t := target{RefID: string(rune('A' + n)), Datasource: prometheus, Expr: q.expr, LegendFormat: q.legend}
			if v.looks == table {
				t.Instant, t.Format = true, "table"
			}
			p.Targets = append(p.Targets, t)
		}
		panels[i], x = p, x+v.width
	}
	return panels
}

// at is a colour from a value on.
func at(value float64, colour string) step { return step{Color: colour, Value: &value} }

// of makes a dashboard of views.
func of(uid, title, description string, variables []variable, views []view) dashboard {
	return dashboard{
		UID: uid, Title: title, Description: description, Tags: []string{"fairlead"}, Editable: true, SchemaVersion: 39, Refresh: "1m",
		Time:       timeRange{"now-90d", "now"},
		Templating: templating{append([]variable{{Name: "datasource", Label: "Prometheus", Type: "datasource", Query: "prometheus"}}, variables...)},
		Panels:     laidOut(views),
	}
}

// label is a variable of the values that a label of a metric has.
func label(name, title, metric, label string) variable {
	return variable{
		Name: name, Label: title, Type: "query", Query: "label_values(" + metric + ", " + label + ")", Datasource: &prometheus,
		Refresh: 2, IncludeAll: true, Multi: true, AllValue: ".*", Sort: 1,
	}
}
