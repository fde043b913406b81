//go:build real

package dashboards

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

var (
	ofCells = regexp.MustCompile(`haidang_(ran_|score|worst_link|congestion_ratio)`)
	ofLinks = regexp.MustCompile(`haidang_(worst_link|congestion_ratio|composite_peak)`)
)

// tooEarly says that the month is too young for a number: cells count once their day is over, and links once a slot of
// five minutes is.
func tooEarly(expr string) bool {
	now := time.Now().In(vietnam)
	first := now.Day() == 1
	return first && ofCells.MatchString(expr) || first && now.Hour() == 0 && ofLinks.MatchString(expr)
}

// Every expression of every panel returns data, and every one of a rule runs, on a Prometheus that scrapes a real collector
// and a real agent with every input.
func TestRealExpressions(t *testing.T) {
	s := newSite(t)
	s.run()
	s.until("Prometheus has scraped both and evaluated the rules", func() bool {
		return s.has(`count(up == 1) == 4`) && s.has(`haidang_availability_burn_rate`) && s.has(`haidang:agent_silence:seconds`)
	})
	s.daysAreClosed()
	s.gatewayAnswers()
	shown := 0
	for _, d := range pages(t) {
		for _, p := range d.pictures() {
			name := strings.TrimPrefix(d.file, "grafana/") + ": " + p.Title
			for _, q := range p.Targets {
				expr := substitute(q.Expr)
				if tooEarly(expr) {
					if _, err := s.query(expr); err != nil {
						t.Errorf("%s: %s: %v", name, expr, err)
					}
					continue
				}
				s.until(fmt.Sprintf("%s shows %s", name, expr), func() bool { return s.has(expr) })
				shown++
			}
		}
	}
	t.Logf("%d expressions of panels returned data", shown)
	s.rulesAreHealthy()
}

// daysAreClosed waits for what a collector looks like after its first day: the days before yesterday are
// closed, and the KPIs were computed since.
func (s *site) daysAreClosed() {
	past := time.Now().In(vietnam).Day() - 2
	s.until("the past days are closed", func() bool {
		return s.has(fmt.Sprintf("sum(haidang_partition_day_closings_total) >= %d", past))
	})
	closed := time.Now().Unix() + 1
	s.until("the KPIs were computed since", func() bool {
		return s.has(fmt.Sprintf("haidang_view_last_success_timestamp_seconds > %d", closed))
	})
}

// gatewayAnswers makes the OLT that is down an alarm of its own: its gateway was heard since.
func (s *site) gatewayAnswers() {
	s.until("the OLT is down", func() bool {
		return s.has(`rate(haidang_state_seconds_total{province="01", system="olt-gpon", state="down"}[1m]) > 0`)
	})
	s.feed([][]byte{fmt.Appendf(nil, "reach,device=hni-mane-agg1,method=snmp up=true,interval_s=300i %d\n", time.Now().UnixNano())})
}

// substitute does what Grafana does with the variables of the dashboards.
func substitute(expr string) string {
	return strings.NewReplacer("$province", "01", "$system", ".*", "$class", ".*", "$agent", ".*", "$service", ".*", "$technology", ".*", "$composite", ".*", "$device", "hni-olt-txn1", "$__rate_interval", "1m").Replace(expr)
}

// rulesAreHealthy asks for every rule twice: Prometheus has evaluated it, and it can be queried.
func (s *site) rulesAreHealthy() {
	var answer struct {
		Groups []struct {
			Rules []struct {
				Name, Health, LastError, Query string
				Alerts                         []struct{ Annotations map[string]string }
			}
		}
	}
	s.until("every rule was evaluated", func() bool {
		if err := s.api("rules", nil, &answer); err != nil {
			return false
		}
		for _, g := range answer.Groups {
			for _, r := range g.Rules {
				if r.Health == "unknown" {
					return false
				}
			}
		}
		return len(answer.Groups) > 0
	})
	n := 0
	for _, g := range answer.Groups {
		for _, r := range g.Rules {
			n++
			if r.Health != "ok" {
				s.t.Errorf("rule %s: %s", r.Name, r.LastError)
			}
			if _, err := s.query(r.Query); err != nil {
				s.t.Errorf("rule %s: %s: %v", r.Name, r.Query, err)
			}
			for _, a := range r.Alerts {
				for name, text := range a.Annotations {
					if strings.Contains(text, "<error") || strings.Contains(text, "<no value>") {
						s.t.Errorf("alert %s: %s: %s", r.Name, name, text)
					}
				}
			}
		}
	}
	if want := len(rules(s.t)); n != want {
		s.t.Errorf("Prometheus evaluates %d rules of %d", n, want)
	}
	s.t.Logf("%d rules evaluated", n)
}

// has says whether an expression returns anything but NaN.
func (s *site) has(expr string) bool {
	samples, err := s.query(expr)
	if err != nil {
		s.t.Errorf("%s: %v", expr, err)
		return true // said once, not waited for
	}
	for _, v := range samples {
		if v != "NaN" {
			return true
		}
	}
	return false
}

// query returns the values of an instant query.
func (s *site) query(expr string) ([]string, error) {
	var answer struct {
		ResultType string
		Result     json.RawMessage
	}
	if err := s.api("query", url.Values{"query": {expr}}, &answer); err != nil {
		return nil, err
	}
	if answer.ResultType != "vector" {
		return nil, fmt.Errorf("a %s, want a vector", answer.ResultType)
	}
	var vector []struct{ Value [2]any }
	if err := json.Unmarshal(answer.Result, &vector); err != nil {
		return nil, err
	}
	var out []string
	for _, v := range vector {
		out = append(out, fmt.Sprint(v.Value[1]))
	}
	return out, nil
}

// api calls Prometheus.
func (s *site) api(path string, form url.Values, into any) error {
	res, err := http.Get("http://" + s.prometheus + "/api/v1/" + path + "?" + form.Encode())
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var answer struct {
		Status, Error string
		Data          json.RawMessage
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return err
	}
	if answer.Status != "success" {
		return fmt.Errorf("%s", answer.Error)
	}
	return json.Unmarshal(answer.Data, into)
}
