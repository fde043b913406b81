package bench

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const gnmiPrincipals = `principals:
  - {name: bench-0, role: agent, token: "file:token", devices: ["*"]}
`

// alarmsGNMI puts a collector behind the agent and measures how long it is from a link's failure to the collector's
// haidang_alarm_active.
func (c Config) alarmsGNMI(sim *gnmiNation) (string, error) {
	if err := sim.heal(); err != nil {
		return "", err
	}
	for name, text := range map[string]string{"principals.yaml": gnmiPrincipals, "token": "bench-token-for-nothing"} {
		if err := os.WriteFile(filepath.Join(sim.dir, name), []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	collector, url, err := c.serve(sim.dir)
	if err != nil {
		return "", err
	}
	defer collector.Stop()
	agent, err := c.startGNMIAgent(sim, url)
	if err != nil {
		return "", err
	}
	defer agent.Stop()
	<-time.After(gnmiWarmup)
	links, err := sim.rows("links.csv")
	if err != nil {
		return "", err
	}
	links = links[:min(gnmiCuts, len(links))]
	var took []float64
	for _, link := range links {
		d, err := sim.alarm(link[0], url+"/metrics")
		if err != nil {
			return "", fmt.Errorf("%w: %s", err, collector.Tail())
		}
		took = append(took, d.Seconds()*1000)
	}
	return late(took, len(links), "their alarm was on the collector's /metrics")
}

// alarm lets a link fail and waits until there is an alarm more.
func (n *gnmiNation) alarm(link, metrics string) (time.Duration, error) {
	before, err := active(metrics)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if err := n.cut(link); err != nil {
		return 0, err
	}
	for {
		now, err := active(metrics)
		switch took := time.Since(began); {
		case err != nil:
			return 0, err
		case now > before:
			return took, nil
		case took > patience:
			return 0, fmt.Errorf("no alarm of link %s within %v", link, patience)
		}
		<-time.After(10 * time.Millisecond)
	}
}

func active(metrics string) (float64, error) {
	m, err := scrape(metrics)
	return m.sum("haidang_alarm_active", ""), err
}

// cut lets a link fail.
func (n *gnmiNation) cut(link string) error {
	answer, err := http.Post(n.control+"/faults", "application/json", strings.NewReader(fmt.Sprintf(`{"kind": "link_down", "link": %q}`, link)))
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

// heal ends all faults.
func (n *gnmiNation) heal() error {
	request, err := http.NewRequest(http.MethodDelete, n.control+"/faults", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	return answer.Body.Close()
}
