package scorecard

import "github.com/haidang-noc/haidang/collector/model"

// The languages of CSV files.
const (
	Vietnamese = "vi"
	English    = "en"
)

// words is what a language says; the machine's keys stay English in both.
type words struct {
	header   []string
	outcomes map[string]string
	yes, no  string
}

func wordsOf(lang string) (words, bool) {
	switch lang {
	case Vietnamese:
		return words{
			header: []string{"tháng", "mã đơn vị", "đơn vị", "bản", "mục", "khóa", "tên", "chỉ tiêu", "giá trị", "đơn vị đo", "tử số", "mẫu số"},
			outcomes: map[string]string{
				Met: "đạt", NotMet: "không đạt", NoTarget: "chưa có mục tiêu",
				"ok": "đủ dữ liệu", "insufficient_data": "thiếu dữ liệu", "no_data": "không có dữ liệu",
				"kept": "giữ được", "not_kept": "không giữ được", "no_p1": "không có phần tử P1",
				"no_baseline": "chưa có số gốc", "coverage": "thiếu dữ liệu", "service": "chưa đủ ngày khai thác", "no_rule": "chưa có quy tắc",
			},
			yes: "có", no: "không",
		}, true
	case English:
		return words{
			header: []string{"month", "unit code", "unit", "revision", "section", "key", "name", "measure", "value", "unit of measure", "numerator", "denominator"},
			outcomes: map[string]string{
				Met: "met", NotMet: "not met", NoTarget: "no target yet",
				"ok": "enough data", "insufficient_data": "insufficient data", "no_data": "no data",
				"kept": "kept", "not_kept": "not kept", "no_p1": "no P1 element",
				"no_baseline": "no baseline", "coverage": "insufficient data", "service": "too few days in service", "no_rule": "no rule",
			},
			yes: "yes", no: "no",
		}, true
	}
	return words{}, false
}

// className is how people call a link class.
func className(c model.LinkClass) (vi, en string) {
	switch c {
	case model.Transport:
		return "Truyền tải", "Transport"
	case model.Broadband:
		return "Băng rộng", "Broadband"
	case model.International:
		return "Quốc tế", "International"
	}
	return string(c), string(c)
}
