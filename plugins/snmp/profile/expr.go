package profile

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// maxStack bounds how deep an expression may be.
const maxStack = 8

// step is one step of an expression in postfix order: a column, a number, or an operation on what came before.
type step struct {
	op     byte // c column, d column or else number, n number, + - * / and s for shift
	column int
	number float64
}

// expr is a number made from columns of a row.
type expr struct {
	steps []step
	needs uint64 // columns without which there is no number, as a set
	uses  uint64 // all columns
}

// lone is the column that is the whole expression, or -1.
func (x *expr) lone() int {
	if len(x.steps) == 1 && x.steps[0].op == 'c' {
		return x.steps[0].column
	}
	return -1
}

// eval is the number, if all columns that it needs are known.
func (x *expr) eval(v *Values) (float64, bool) {
	if v.known&x.needs != x.needs || len(x.steps) == 0 {
		return 0, false
	}
	var stack [maxStack]float64
	top := -1
	for i := range x.steps {
		s := &x.steps[i]
		switch s.op {
		case 'c', 'd', 'n':
			top++
			stack[top] = s.operand(v)
			continue
		}
		top--
		stack[top] = operate(s.op, stack[top], stack[top+1]) //nolint:gosec // check has bounded the stack
	}
	return stack[0], true
}

func (s *step) operand(v *Values) float64 {
	if s.op == 'c' || s.op == 'd' && v.known>>s.column&1 == 1 {
		return v.number[s.column].float
	}
	return s.number
}

func operate(op byte, a, b float64) float64 {
	switch op {
	case '+':
		return a + b
	case '-':
		return a - b
	case '*':
		return a * b
	case '/':
		return a / b
	}
	if b < 0 {
		return a / math.Pow10(int(-b)) // exact for decimals, unlike a factor of 0.1
	}
	return a * math.Pow10(int(b))
}

// parser reads an expression: + - * / ( ), numbers, columns, column?number (the number if the column is not known), and
// shift(a, b), which is a × 10^b.
type parser struct {
	tokens  []string
	columns []string
	out     expr
	depth   int
}

func parseExpr(source string, columns []string) (expr, error) {
	p := parser{tokens: tokens(source), columns: columns}
	if err := p.sum(); err != nil {
		return expr{}, fmt.Errorf("%q: %w", source, err)
	}
	if len(p.tokens) > 0 {
		return expr{}, fmt.Errorf("%q: %q is one too many", source, p.tokens[0])
	}
	return p.out, p.out.check(source)
}

// check bounds the stack that the expression takes.
func (x *expr) check(source string) error {
	depth := 0
	for _, s := range x.steps {
		if s.op != 'c' && s.op != 'd' && s.op != 'n' {
			depth--
		} else if depth++; depth > maxStack {
			return fmt.Errorf("%q: too deep: want at most %d numbers at a time", source, maxStack)
		}
	}
	return nil
}

func tokens(source string) (out []string) {
	for source = strings.TrimSpace(source); source != ""; source = strings.TrimSpace(source) {
		n := strings.IndexFunc(source, func(r rune) bool { return !wordRune(r) })
		if n < 0 {
			n = len(source)
		}
		n = max(n, 1)
		out = append(out, source[:n])
		source = source[n:]
	}
	return out
}

func wordRune(r rune) bool {
	return r == '_' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z'
}

func (p *parser) take(words ...string) (string, bool) {
	if len(p.tokens) == 0 || !slices.Contains(words, p.tokens[0]) {
		return "", false
	}
	t := p.tokens[0]
	p.tokens = p.tokens[1:]
	return t, true
}

func (p *parser) sum() error { return p.chain(p.product, "+", "-") }

func (p *parser) product() error { return p.chain(p.operand, "*", "/") }

func (p *parser) chain(operand func() error, operators ...string) error {
	if err := operand(); err != nil {
		return err
	}
	for {
		op, ok := p.take(operators...)
		if !ok {
			return nil
		}
		if err := operand(); err != nil {
			return err
		}
		p.add(step{op: op[0]})
	}
}

func (p *parser) add(s step) { p.out.steps = append(p.out.steps, s) }

func (p *parser) operand() error {
	if p.depth++; p.depth > 100 {
		return fmt.Errorf("too deep")
	}
	defer func() { p.depth-- }()
	if _, ok := p.take("("); ok {
		return p.closed(p.sum)
	}
	if _, ok := p.take("shift"); ok {
		return p.shift()
	}
	if len(p.tokens) == 0 {
		return fmt.Errorf("it ends early")
	}
	word := p.tokens[0]
	p.tokens = p.tokens[1:]
	if n, err := strconv.ParseFloat(word, 64); err == nil && word[0] != '.' {
		p.add(step{op: 'n', number: n})
		return nil
	}
	c := slices.Index(p.columns, word)
	if c < 0 {
		return fmt.Errorf("%q: want a column of the table (%s), a number or shift", word, strings.Join(p.columns, ", "))
	}
	p.out.uses |= 1 << c
	if _, optional := p.take("?"); optional {
		return p.otherwise(c)
	}
	p.out.needs |= 1 << c
	p.add(step{op: 'c', column: c})
	return nil
}

// otherwise reads the number that stands for a column that is not known.
func (p *parser) otherwise(column int) error {
	if len(p.tokens) == 0 {
		return fmt.Errorf("want a number behind ?")
	}
	n, err := strconv.ParseFloat(p.tokens[0], 64)
	if err != nil || n-n != 0 {
		return fmt.Errorf("%q: want a number behind ?", p.tokens[0])
	}
	p.tokens = p.tokens[1:]
	p.add(step{op: 'd', column: column, number: n})
	return nil
}

func (p *parser) closed(inner func() error) error {
	if err := inner(); err != nil {
		return err
	}
	if _, ok := p.take(")"); !ok {
		return fmt.Errorf("want a )")
	}
	return nil
}

func (p *parser) shift() error {
	if _, ok := p.take("("); !ok {
		return fmt.Errorf("want shift(number, power of ten)")
	}
	if err := p.sum(); err != nil {
		return err
	}
	if _, ok := p.take(","); !ok {
		return fmt.Errorf("want shift(number, power of ten)")
	}
	if err := p.closed(p.sum); err != nil {
		return err
	}
	p.add(step{op: 's'})
	return nil
}
