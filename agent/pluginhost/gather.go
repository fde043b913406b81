package pluginhost

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/haidang-noc/haidang/internal/wire"
)

const (
	// scrapeTimeout is how long an input may take to tell its metrics. All are asked at once.
	scrapeTimeout = time.Second
	// inputLabel tells whose a metric is.
	inputLabel = "input"
)

// roster is the inputs that run now.
type roster struct {
	mu     sync.Mutex
	inputs map[string]wire.InputClient
}

func (r *roster) enter(input string, c wire.InputClient) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.inputs == nil {
		r.inputs = make(map[string]wire.InputClient)
	}
	r.inputs[input] = c
}

func (r *roster) leave(input string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.inputs, input)
}

// each calls do for all inputs that run, at once, and waits.
func (r *roster) each(do func(input string, c wire.InputClient)) {
	var all sync.WaitGroup
	r.mu.Lock()
	for input, c := range r.inputs {
		all.Go(func() { do(input, c) })
	}
	r.mu.Unlock()
	all.Wait()
}

// Gatherer gathers what own does and the metrics of every running input, with the label input. An input that does not
// answer in time is left out, and so is a family that is malformed or bears a name of own's: both are counted,
// neither fails the scrape.
func (h *Host) Gatherer(own prometheus.Gatherer) prometheus.Gatherer {
	return prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
		defer cancel()
		theirs := h.scrape(ctx)
		all, err := own.Gather()
		reserved := make(map[string]bool, len(all))
		for _, f := range all {
			reserved[f.GetName()] = true
		}
		for _, in := range h.config.Inputs { // in their order: of two inputs that disagree, the first is right
			var dropped int
			all, dropped = merge(all, theirs[in.Type], reserved)
			h.metrics.of(in.Type).droppedFamilies.Add(float64(dropped))
		}
		return all, err
	})
}

// scrape asks every input that runs.
func (h *Host) scrape(ctx context.Context) map[string][]*dto.MetricFamily {
	var mu sync.Mutex
	theirs := make(map[string][]*dto.MetricFamily)
	h.running.each(func(input string, c wire.InputClient) {
		x, err := c.Metrics(ctx, &wire.MetricsRequest{}, grpc.MaxCallRecvMsgSize(2*wire.MaxMetrics))
		if err != nil {
			if status.Code(err) != codes.Unimplemented {
				h.metrics.of(input).failedScrapes.Inc()
			}
			return
		}
		families, bad := readFamilies(input, x.Families)
		h.metrics.of(input).droppedFamilies.Add(float64(bad) + float64(x.Dropped))
		mu.Lock()
		defer mu.Unlock()
		theirs[input] = families
	})
	return theirs
}

// readFamilies reads families of an input and adds its label; bad is how many are malformed.
func readFamilies(input string, texts []string) (families []*dto.MetricFamily, bad int) {
	for _, text := range texts {
		f, err := readFamily(input, text)
		if err != nil {
			bad++
			continue
		}
		families = append(families, f)
	}
	return families, bad
}

var errFamily = errors.New("not one metric family")

func readFamily(input, text string) (*dto.MetricFamily, error) {
	parser := expfmt.NewTextParser(model.LegacyValidation)
	parsed, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	if len(parsed) != 1 {
		return nil, fmt.Errorf("%w: %d", errFamily, len(parsed))
	}
	for _, f := range parsed {
		for _, m := range f.GetMetric() {
			m.Label = append(m.Label, &dto.LabelPair{Name: proto.String(inputLabel), Value: proto.String(input)})
			slices.SortFunc(m.Label, func(a, b *dto.LabelPair) int { return strings.Compare(a.GetName(), b.GetName()) })
		}
		return f, nil
	}
	return nil, errFamily
}

// merge adds families to all, but none with a reserved name, and none that contradicts what is there or itself: a
// label twice, a series twice, another type of the same name.
func merge(all, families []*dto.MetricFamily, reserved map[string]bool) (merged []*dto.MetricFamily, dropped int) {
	known := len(families)
	families = slices.DeleteFunc(families, func(f *dto.MetricFamily) bool { return reserved[f.GetName()] })
	dropped = known - len(families)
	merged, err := prometheus.Gatherers{gathered(all), gathered(families)}.Gather()
	var many prometheus.MultiError
	switch {
	case errors.As(err, &many):
		dropped += len(many)
	case err != nil:
		dropped++
	}
	return merged, dropped
}

func gathered(families []*dto.MetricFamily) prometheus.Gatherer {
	return prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return families, nil })
}
