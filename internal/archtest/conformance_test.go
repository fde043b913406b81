package archtest

import (
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// A conformance test that is not named so is never run: make conformance asks for them by name.
func TestNamesOfConformanceTests(t *testing.T) {
	found := 0
	err := filepath.WalkDir("../..", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, name := range testsOf(file) {
			if strings.HasPrefix(name, "TestConformance") != asks(file, "conformance") {
				t.Errorf("%s: %s: TestConformance… are the tests with the build tag conformance, and only they", path, name)
			} else if asks(file, "conformance") {
				found++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 20 {
		t.Errorf("only %d conformance tests were found", found)
	}
}

// testsOf are the names of a file's tests; TestMain is none.
func testsOf(file *ast.File) (names []string) {
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") && f.Name.Name != "TestMain" {
			names = append(names, f.Name.Name)
		}
	}
	return names
}

// asks says whether a file is built only with the tag.
func asks(file *ast.File, tag string) bool {
	for _, group := range file.Comments {
		for _, c := range group.List {
			x, err := constraint.Parse(c.Text)
			if err != nil || c.Pos() > file.Package {
				continue
			}
			all, none := x.Eval(func(other string) bool { return other != tag }), x.Eval(func(string) bool { return false })
			if !all && !none {
				return true
			}
		}
	}
	return false
}
