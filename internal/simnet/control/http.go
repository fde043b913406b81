package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
)

// mostBody is the longest request that is read.
const mostBody = 1 << 20

// Routes adds the fault list to mux:
//
//	GET    /faults        the list
//	POST   /faults        one fault or an array of them; without "from" they begin now
//	DELETE /faults/{id}   ends one now
//	DELETE /faults        ends all of them now
func (s *Script) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /faults", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, s.Faults())
	})
	mux.HandleFunc("POST /faults", s.post)
	mux.HandleFunc("DELETE /faults/{id}", func(w http.ResponseWriter, r *http.Request) {
		s.end(w, r.PathValue("id"))
	})
	mux.HandleFunc("DELETE /faults", func(w http.ResponseWriter, _ *http.Request) {
		faults := s.Faults()
		ids := make([]string, 0, len(faults))
		for _, f := range faults {
			ids = append(ids, f.ID)
		}
		s.end(w, ids...)
	})
}

func (s *Script) post(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBody))
	if err != nil {
		refuse(w, http.StatusRequestEntityTooLarge, err)
		return
	}
	faults, err := decode(body)
	if err == nil {
		err = s.Add(faults, time.Now())
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	answer(w, http.StatusCreated, faults)
}

// decode reads one fault or an array of them; an unknown key is an error.
func decode(body []byte) ([]fault.Fault, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	faults := make([]fault.Fault, 1)
	var into any = &faults[0]
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")) {
		into = &faults
	}
	if err := dec.Decode(into); err != nil {
		return nil, fmt.Errorf("control: fault: %w", err)
	}
	return faults, nil
}

func (s *Script) end(w http.ResponseWriter, ids ...string) {
	for _, id := range ids {
		if err := s.End(id, time.Now()); errors.Is(err, ErrNoFault) && len(ids) == 1 {
			refuse(w, http.StatusNotFound, err)
			return
		} else if err != nil && !errors.Is(err, ErrNoFault) {
			refuse(w, http.StatusInternalServerError, err)
			return
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client went away
}

func refuse(w http.ResponseWriter, status int, err error) {
	answer(w, status, map[string]string{"error": err.Error()})
}
