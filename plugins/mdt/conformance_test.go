//go:build conformance

package mdt

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	dialout "github.com/cisco-ie/nx-telemetry-proto/mdt_dialout"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
)

func shared(t *testing.T, parts ...string) string {
	t.Helper()
	dir := os.Getenv("SHARED")
	if dir == "" {
		t.Fatal("SHARED is not set: want the folder of the shared data")
	}
	return filepath.Join(append([]string{dir, "data"}, parts...)...)
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	must(t, err)
	return text
}

// recorded says, in our tables, what the recording's own reader made of each recording: the same names of tags and fields.
func recorded() map[string]string {
	burst := "content/children/statObjects/microburst/"
	return map[string]string{
		"simple":               "{paths: ['type:model/some/path'], measurement: m, tags: {name: keys/name}, flags: {bool: {from: content/bool}}}",
		"source_field_rewrite": "{paths: ['type:model/some/path'], measurement: m, tags: {mdt_source: keys/source}, flags: {bool: {from: content/bool}}}",
		"nested":               "{paths: ['type:model/nested/path'], measurement: m, tags: {level: keys/nested/key/level}, texts: {nested/value/foo: content/nested/value/foo}}",
		"embedded_tags":        "{paths: ['type:model/extra'], measurement: m, each: content/list, tags: {foo: keys/foo, list/name: content/list/name}, texts: {list/test: content/list/test}}",
		"NXAPI":                "{paths: [show nxapi], measurement: m, each: content/TABLE_nxapi/ROW_nxapi, tags: {foo: keys/foo, TABLE_nxapi: content/TABLE_nxapi/ROW_nxapi/index}, texts: {value: content/TABLE_nxapi/ROW_nxapi/value}}",
		"NXAPI_Xform_NXAPI": "{paths: [show processes cpu], measurement: m, each: content/TABLE_process_cpu/ROW_process_cpu, tags: {foo: keys/foo, " +
			"TABLE_process_cpu: content/TABLE_process_cpu/ROW_process_cpu/index}, texts: {value: content/TABLE_process_cpu/ROW_process_cpu/value}}",
		"NXAPI_Xform_multi": "{paths: [sys/lldp], measurement: m, tags: {foo: keys/foo, fooEntity: content/fooEntity/attributes/rn}, counters: {test: content/fooEntity/attributes/test}, " +
			"texts: {portDesc: content/fooEntity/attributes/portDesc, portIdV: content/fooEntity/attributes/portIdV, subscriptionId: content/fooEntity/attributes/subscriptionId}}",
		"NXDME": "{paths: [sys/dme], measurement: m, tags: {foo: keys/foo, fooEntity: content/fooEntity/attributes/rn}, texts: {value: content/fooEntity/attributes/value}}",
		"deleted_field": "{paths: ['openconfig-interfaces:interfaces/interface/subinterfaces/subinterface/openconfig-if-ip:ipv6/addresses/address'], measurement: m, " +
			"tags: {name: keys/name, index: keys/index, ip: keys/ip}, counters: {state/prefix_length: content/state/prefix-length}, " +
			"texts: {state/ip: content/state/ip, state/origin: content/state/origin, state/status: content/state/status}}",
		"microburst":       microburst(burst),
		"microburst_alias": microburst(burst),
	}
}

func microburst(at string) string {
	texts := []string{}
	for _, name := range []string{"classLevel", "endTs", "interfaceName", "peakTs", "queue", "queueType", "sourceName", "startTs", "ts"} {
		texts = append(texts, name+": "+at+name)
	}
	return "{paths: [microburst], measurement: m, each: content/children/statObjects/microburst, tags: {microburst: keys/microburst, interface_name: " + at + "interfaceName, " +
		"queue_number: " + at + "queue, startTs: " + at + "startTs}, texts: {" + strings.Join(texts, ", ") + "}, counters: {duration: " + at + "duration}, " +
		"integers: {endDepth: {from: " + at + "endDepth}, peak: {from: " + at + "peak}, threshold: {from: " + at + "threshold}}}"
}

// notOurs are tags and fields that the other reader makes of what is around a row.
func notOurs() []string {
	return []string{"agent", "device", "path", "source", "subscription", "row_number", "delete", "uint64", "interval_s"}
}

// plain shows lines so that two readings can be compared: tags and fields without what is not ours, sorted.
func plain(t *testing.T, lines []string) (out []string) {
	t.Helper()
	s := point.NewScanner([]byte(strings.Join(lines, "\n")+"\n"), point.Options{})
	for s.Next() {
		l := s.Line()
		series, err := point.ParseKey(l.Key)
		must(t, err)
		all := map[string]string{}
		for _, tag := range series.Tags {
			all["tag "+tag.Key] = tag.Value
		}
		for _, f := range l.Fields {
			all["field "+string(f.Key)] = value(f.Value)
		}
		for _, name := range notOurs() {
			delete(all, "tag "+name)
			delete(all, "field "+name)
		}
		text := strconv.FormatInt(l.Time, 10)
		for _, k := range slices.Sorted(maps.Keys(all)) {
			text += "," + k + "=" + all[k]
		}
		out = append(out, text)
	}
	slices.Sort(out)
	return out
}

func value(v point.Value) string {
	if v.Kind == point.String {
		return string(v.Text)
	}
	if n, ok := v.Int(); ok {
		return strconv.FormatInt(n, 10)
	}
	if b, ok := v.Bool(); ok {
		return strconv.FormatBool(b)
	}
	return fmt.Sprint(v.Bits)
}

// both sends a message over TCP and over gRPC, and returns the lines of each.
func (r *running) both(message []byte, lines int) (all [2]plugintest.Lines) {
	r.t.Helper()
	_ = r.send(r.addrs[0], framed(0, message))
	all[0] = r.wait(lines)
	must(r.t, r.dial(r.addrs[1], insecure.NewCredentials()).Send(&dialout.MdtDialoutArgs{Data: message}))
	all[1] = r.wait(lines)
	return all
}

func TestConformanceCiscoMDT(t *testing.T) {
	ran, good := 0, 0
	for _, name := range slices.Sorted(maps.Keys(recorded())) {
		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, "t.yaml"), []byte("sensors:\n  - "+recorded()[name]+"\n"), 0o600))
		r := start(t, dir, "sensors: .\nmax_message: 1MiB\n", "tcp://127.0.0.1:0", "grpc://127.0.0.1:0")
		want := strings.Split(strings.TrimSpace(string(readFile(t, shared(t, "cisco-mdt", "telegraf", name, "expected.out")))), "\n")
		for way, got := range r.both(readFile(t, shared(t, "cisco-mdt", "telegraf", name, "packet.0.gpbkv")), len(want)) {
			ran++
			if a, b := plain(t, got), plain(t, want); !slices.Equal(a, b) {
				t.Errorf("%s, way %d:\n%s\nwant\n%s", name, way, strings.Join(a, "\n"), strings.Join(b, "\n"))
				continue
			}
			good++
		}
	}
	t.Logf("Cisco MDT, recorded messages over TCP and gRPC: %d of %d", good, ran)
}

// The recording of IOS XR through the shipped table, beside the rows that its own reader made of it.
func TestConformanceIOSXR(t *testing.T) {
	var dump []struct {
		Rows []struct {
			Timestamp int64
			Keys      map[string]any
			Content   map[string]any
		}
	}
	dec := json.NewDecoder(bytes.NewReader(readFile(t, shared(t, "cisco-mdt", "iosxr-gpbkv", "dump.json"))))
	dec.UseNumber()
	must(t, dec.Decode(&dump))
	r := start(t, t.TempDir(), "", "tcp://127.0.0.1:0", "grpc://127.0.0.1:0")
	ran, good := 0, 0
	for n, message := range dump {
		var want []string
		for _, row := range message.Rows {
			line := ""
			if n == 0 {
				line = fmt.Sprintf("interface,agent=a1,device=d1,ifname=%v in_discards=%vu,in_errors=%vu,in_octets=%vu,out_discards=%vu,out_errors=%vu,out_octets=%vu", row.Keys["interface-name"],
					row.Content["input-drops"], row.Content["input-errors"], row.Content["bytes-received"], row.Content["output-drops"], row.Content["output-errors"], row.Content["bytes-sent"])
			} else {
				used, err := row.Content["total-cpu-one-minute"].(json.Number).Float64()
				must(t, err)
				line = fmt.Sprintf("cpu,agent=a1,device=d1,object=%v used_ratio=%v", row.Keys["node-name"], used/100)
			}
			want = append(want, fmt.Sprintf("%s,interval_s=60i %d", line, row.Timestamp*1_000_000))
		}
		for way, got := range r.both(readFile(t, shared(t, "cisco-mdt", "iosxr-gpbkv", fmt.Sprintf("dump.%d.gpbkv", n))), len(want)) {
			ran++
			if !slices.Equal([]string(got), want) {
				t.Errorf("message %d, way %d:\n%s\nwant\n%s", n, way, strings.Join(got, "\n"), strings.Join(want, "\n"))
				continue
			}
			good++
		}
	}
	t.Logf("IOS XR, recorded messages over TCP and gRPC: %d of %d", good, ran)
}
