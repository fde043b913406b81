package meas_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/haidang-noc/haidang/plugins/pmfile/meas"
)

var hanoi = time.FixedZone("+07", 7*3600)

func read(t *testing.T, text string) (*meas.File, error) {
	t.Helper()
	plain, err := meas.Plain(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	return meas.NewReader(meas.Options{MaxSize: 1 << 20, Local: hanoi}).Read(plain)
}

// document is a file of TS 32.435 with these measInfos.
func document(infos string) string {
	return `<?xml-stylesheet href="x"?><?xml version="1.0" encoding="UTF-8"?>
<measCollecFile xmlns="http://www.3gpp.org/ftp/specs/archive/32_series/32.435#measCollec">
<fileHeader fileFormatVersion="32.435 V10.0" vendorName="Vendor &amp; Co" dnPrefix="DC=op.example">
<fileSender localDn="ManagedElement=em1"/><measCollec beginTime="2026-10-01T12:00:00+07:00"/></fileHeader>
<measData><managedElement localDn="ManagedElement=enb1" userLabel="Trạm 1" swVersion="R1"/>` + infos + `</measData>
<fileFooter><measCollec endTime="2026-10-01T12:15:00+07:00"/></fileFooter></measCollecFile>`
}

const gran = `<granPeriod duration="PT900S" endTime="2026-10-01T12:15:00+07:00"/><repPeriod duration="PT1H"/>`

// show writes what a file says, one record a line.
func show(f *meas.File) string {
	var b strings.Builder
	for i := range f.Records {
		r := &f.Records[i]
		fmt.Fprintf(&b, "%s|%s|%s|%s/%ds", f.Elements[r.Element].Name, r.Group, r.Object, time.Unix(r.End, 0).In(hanoi).Format("02T15:04:05"), r.Period)
		if r.Suspect {
			b.WriteString("|suspect")
		}
		for v := range f.Values(r) {
			if v.IsText {
				fmt.Fprintf(&b, " %s=%q", f.Name(v.Counter), f.Text(v))
			} else {
				fmt.Fprintf(&b, " %s=%v", f.Name(v.Counter), v.Number)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestWhatAFileSays(t *testing.T) {
	const mdcHead = `<?xml version="1.0"?><!DOCTYPE mdc SYSTEM "MeasDataCollection.dtd" [<!ENTITY x SYSTEM "file:///etc/passwd">]><mdc><mfh><sn>S</sn><vn>V</vn></mfh>
<md><neid><neun>U</neun><nedn>ManagedElement=rnc1</nedn></neid><mi><mts>20261001121500</mts><gp>900</gp>`
	for name, c := range map[string]struct{ text, want string }{
		"values by p, in any order": {
			document(`<measInfo measInfoId="g">` + gran + `<measType p="1">a</measType><measType p="2">b</measType>
<measValue measObjLdn="Cell=1"><r p="2">20</r><r p="1">10</r></measValue></measInfo>`),
			"ManagedElement=enb1|g|Cell=1|01T12:15:00/900s b=20 a=10\n"},
		"p that does not count": {
			document(`<measInfo measInfoId="g">` + gran + `<measType p="7">a</measType><measType p="3">b</measType>
<measValue measObjLdn="Cell=1"><r p="3">20</r><r p="7">10</r><r p="1">5</r></measValue></measInfo>`),
			"ManagedElement=enb1|g|Cell=1|01T12:15:00/900s b=20 a=10\n"},
		"values by position": {
			document(`<measInfo measInfoId="g">` + gran + "<measTypes>a b\n c</measTypes>" + `
<measValue measObjLdn="Cell=1"><measResults>1 NIL 3.50</measResults><suspect>false</suspect></measValue>
<measValue measObjLdn="Cell=2"><measResults>1 2</measResults></measValue></measInfo>`),
			"ManagedElement=enb1|g|Cell=1|01T12:15:00/900s a=1 c=3.5\nManagedElement=enb1|g|Cell=2|01T12:15:00/900s|suspect a=1 b=2\n"},
		"what is a number": {
			document(`<measInfo>` + gran + `<measTypes>a b c d e f g h i j</measTypes><measValue measObjLdn="C"><measResults>
1198.000000 86,87,2 -7 Inf 0x1F 1_000 1e3 19584465702 true NaN</measResults></measValue></measInfo>`),
			`ManagedElement=enb1||C|01T12:15:00/900s a=1198 b="86,87,2" c=-7 d="Inf" e="0x1F" f="1_000" g=1000 h=1.9584465702e+10 i="true" j="NaN"` + "\n"},
		"empty is missing": {
			document(`<measInfo>` + gran + `<measType p="1">a</measType><measType p="2">b</measType><measType p="3">c</measType>
<measValue measObjLdn="C"><r p="1"></r><r p="2"/><r p="3"> <![CDATA[4]]><!-- . -->2 </r><suspect>true</suspect></measValue></measInfo>`),
			"ManagedElement=enb1||C|01T12:15:00/900s|suspect c=42\n"},
		"a group that comes again is added": {
			document(`<measInfo measInfoId="g">` + gran + `<measTypes>a</measTypes><measValue measObjLdn="C"><measResults>1</measResults></measValue></measInfo>
<measInfo measInfoId="h">` + gran + `<measTypes>a</measTypes><measValue measObjLdn="C"><measResults>2</measResults></measValue></measInfo>
<measInfo measInfoId="g">` + gran + `<measTypes>b</measTypes><measValue measObjLdn="C"><measResults>3</measResults></measValue></measInfo>`),
			"ManagedElement=enb1|g|C|01T12:15:00/900s a=1 b=3\nManagedElement=enb1|h|C|01T12:15:00/900s a=2\n"},
		"several granularities and elements": {
			document(`<measInfo measInfoId="g"><granPeriod duration="PT60S" endTime="2026-10-01T12:34:23Z"/><measTypes>a</measTypes><measValue measObjLdn="C"><measResults>1</measResults></measValue></measInfo>
<measInfo measInfoId="g"><granPeriod duration="PT15M" endTime="2026-10-01T12:15:00"/><measTypes>a</measTypes><measValue measObjLdn="C"><measResults>2</measResults></measValue></measInfo></measData>
<measData><measEntity localDn="ManagedElement=enb2"/><measInfo measInfoId="g"><granPeriod duration="PT1H" endTime="2026-10-01T12:00:00+07:00"/><measTypes>a</measTypes><measValue measObjLdn="C"><measResults>3</measResults></measValue></measInfo>`),
			"ManagedElement=enb1|g|C|01T19:34:23/60s a=1\nManagedElement=enb1|g|C|01T12:15:00/900s a=2\nManagedElement=enb2|g|C|01T12:00:00/3600s a=3\n"},
		"TS 28.532": {
			`<measDataFile xmlns="http://www.3gpp.org/ftp/specs/archive/28_series/28.532#measData"><fileHeader><fileSender senderName="S"/><measData beginTime="x"/></fileHeader>
<measData><measEntity localDn="ManagedElement=gnb1"/><measInfo>` + gran + `<measType p="1">a</measType><measValue measObjLdn="C"><r p="1">1</r></measValue></measInfo></measData>
<fileFooter><measData endTime="x"/></fileFooter></measDataFile>`,
			"ManagedElement=gnb1||C|01T12:15:00/900s a=1\n"},
		"TS 32.401, without p, and a document type that is not resolved": {
			mdcHead + `<mt>a</mt><mt>b</mt><mv><moid>C</moid><r>1</r><r>2</r><sf>TRUE</sf></mv></mi></md></mdc>`,
			"ManagedElement=rnc1||C|01T12:15:00/900s|suspect a=1 b=2\n"},
		"TS 32.401, with p": {
			mdcHead + `<mt p="1">a</mt><mt p="2">b</mt><mv><moid>C</moid><r p="2">2</r></mv></mi></md></mdc>`,
			"ManagedElement=rnc1||C|01T12:15:00/900s b=2\n"},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := read(t, c.text)
			if err != nil {
				t.Fatal(err)
			}
			if got := show(f); got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
			zipped, err := read(t, compress(t, c.text))
			if err != nil || show(zipped) != c.want {
				t.Errorf("compressed: %v", err)
			}
		})
	}
}

func compress(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCounts(t *testing.T) {
	f, err := read(t, document(`<measInfo measInfoId="g">`+gran+`<measType p="1">a</measType><measType p="2">b</measType>
<measValue measObjLdn="C"><r p="1">NIL</r><r p="9">1</r><suspect>true</suspect></measValue><measValue measObjLdn="C"><r p="2">1</r></measValue></measInfo>`))
	if err != nil {
		t.Fatal(err)
	}
	if f.Vendor != "Vendor & Co" || f.Prefix != "DC=op.example" || f.Sender != "ManagedElement=em1" || f.Elements[0] != (meas.Element{"ManagedElement=enb1", "Trạm 1", "R1"}) {
		t.Errorf("header: %q %q %q %+v", f.Vendor, f.Prefix, f.Sender, f.Elements)
	}
	if got := [...]int{f.Types, f.Count(), f.Missing, f.Nameless, f.Merged, f.SuspectOf}; got != [...]int{2, 1, 1, 1, 1, 1} {
		t.Errorf("types, values, missing, nameless, merged, suspect: %v", got)
	}
}

func TestWhatIsRefused(t *testing.T) {
	good := document(`<measInfo>` + gran + `<measTypes>a</measTypes><measValue measObjLdn="C"><measResults>1</measResults></measValue></measInfo>`)
	zipped := compress(t, good)
	damaged := []byte(zipped)
	damaged[len(damaged)/2] ^= 0x40
	without := func(part string) string {
		begin, after, _ := strings.Cut(good, "<"+part)
		_, after, _ = strings.Cut(after, "</"+part+">")
		return begin + after
	}
	for name, c := range map[string]struct {
		text string
		want meas.Reason
	}{
		"empty":                {"", meas.Truncated},
		"cut":                  {good[:len(good)-40], meas.Truncated},
		"cut gzip":             {zipped[:len(zipped)-9], meas.Truncated},
		"gzip without a byte":  {zipped[:1], meas.Truncated},
		"damaged gzip":         {string(damaged), meas.Compression},
		"tags cross":           {strings.Replace(good, "</measValue>", "</measvalue>", 1), meas.Syntax},
		"unknown entity":       {strings.Replace(good, ">1<", ">&x;<", 1), meas.Syntax},
		"expanding entities":   {`<!DOCTYPE a [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>` + strings.Replace(good, ">1<", ">&b;<", 1)[strings.Index(good, "<measCollecFile"):], meas.Syntax},
		"two documents":        {good[strings.Index(good, "<measCollecFile"):] + good[strings.Index(good, "<measCollecFile"):], meas.Syntax},
		"another document":     {"<html></html>", meas.NotMeasurement},
		"no XML":               {`{"event": {}}`, meas.NotMeasurement},
		"text at the end":      {good + "x", meas.Syntax},
		"deep":                 {strings.Replace(good, "<measTypes>", strings.Repeat("<x>", 100)+"<measTypes>", 1), meas.TooLarge},
		"large":                {good + strings.Repeat(" ", 1<<20), meas.TooLarge},
		"a small large one":    {compress(t, good+strings.Repeat(" ", 8<<20)), meas.TooLarge},
		"latin":                {strings.Replace(good, "UTF-8", "ISO-8859-1", 1), meas.Encoding},
		"no header":            {without("fileHeader"), meas.NoHeader},
		"no data":              {without("measData"), meas.NoData},
		"no element":           {strings.Replace(good, "managedElement", "manager", 1), meas.NoElement},
		"no element, no infos": {strings.Replace(without("measInfo"), "managedElement", "manager", 1), meas.NoElement},
		"no period":            {strings.Replace(good, gran, "", 1), meas.NoPeriod},
		"a month of a period":  {strings.Replace(good, "PT900S", "P1M", 1), meas.NoPeriod},
		"a strange end":        {strings.Replace(good, "2026-10-01T12:15:00+07:00\"/><rep", "noon\"/><rep", 1), meas.NoPeriod},
	} {
		_, err := read(t, c.text)
		var r *meas.Refusal
		if !errors.As(err, &r) || r.Reason != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// What the source says is not the file's fault.
func TestErrorsOfTheSourceAreNoRefusals(t *testing.T) {
	broken := errors.New("the line is cut")
	_, err := meas.NewReader(meas.Options{MaxSize: 1 << 20, Local: hanoi}).Read(iotest.ErrReader(broken))
	if !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

// A Reader that has read one file reads the next as if it were its first.
func TestAReaderForgets(t *testing.T) {
	r := meas.NewReader(meas.Options{MaxSize: 1 << 20, Local: hanoi})
	info := func(counter string) string {
		return document(`<measInfo measInfoId="g">` + gran + `<measTypes>` + counter + `</measTypes><measValue measObjLdn="C"><measResults>1</measResults></measValue></measInfo>`)
	}
	for _, text := range []string{info("a"), info("b")[:600], info("a b"), info("b")} {
		got, err := r.Read(strings.NewReader(text))
		want, wantErr := read(t, text)
		if fmt.Sprint(err) != fmt.Sprint(wantErr) || err == nil && show(got) != show(want) {
			t.Errorf("got %v, want %v", err, wantErr)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(document(`<measInfo measInfoId="g">` + gran + `<measType p="1">a</measType><measValue measObjLdn="C"><r p="1">1</r></measValue></measInfo>`)))
	f.Add([]byte(document(`<measInfo>` + gran + `<measTypes>a b</measTypes><measValue measObjLdn="C"><measResults>1 1,2</measResults></measValue></measInfo>`)))
	r := meas.NewReader(meas.Options{MaxSize: 1 << 20, Local: hanoi})
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := r.Read(bytes.NewReader(text))
		if err != nil {
			var refusal *meas.Refusal
			if !errors.As(err, &refusal) || refusal.Reason == "" {
				t.Fatalf("%v", err)
			}
			return
		}
		n := 0
		for i := range file.Records {
			for v := range file.Values(&file.Records[i]) {
				n++
				if v.IsText && len(file.Text(v)) == 0 || file.Name(v.Counter) == "" {
					t.Fatalf("value %+v", v)
				}
			}
		}
		if n != file.Count() {
			t.Fatalf("%d values of %d", n, file.Count())
		}
	})
}
