package usm

import (
	"bytes"
	"encoding/hex"
	"slices"
	"testing"

	"github.com/gosnmp/gosnmp"
	"pgregory.net/rapid"
)

const password = "auth-pass-12345"

func auths() map[string]gosnmp.SnmpV3AuthProtocol {
	return map[string]gosnmp.SnmpV3AuthProtocol{"": gosnmp.NoAuth, "md5": gosnmp.MD5, "sha": gosnmp.SHA, "sha224": gosnmp.SHA224,
		"sha256": gosnmp.SHA256, "sha384": gosnmp.SHA384, "sha512": gosnmp.SHA512}
}

func privs() map[string]gosnmp.SnmpV3PrivProtocol {
	return map[string]gosnmp.SnmpV3PrivProtocol{"": gosnmp.NoPriv, "des": gosnmp.DES, "aes": gosnmp.AES, "aes192": gosnmp.AES192,
		"aes256": gosnmp.AES256, "aes192c": gosnmp.AES192C, "aes256c": gosnmp.AES256C}
}

// RFC 3414, A.3.1 and A.3.2.
func TestKeysOfTheRFC(t *testing.T) {
	engine := []byte{11: 2}
	for name, want := range map[string]string{
		"md5": "526f5eed9fcce26f8964c2930787d82b", "sha": "6695febc9288e36282235fc7151f128497b38f3f",
	} {
		a := AuthProtocols()[name]
		if got := hex.EncodeToString(a.localize(a.master([]byte("maplesyrup")), engine)); got != want {
			t.Errorf("%s: %s; want %s", name, got, want)
		}
	}
}

// The longer keys are what gosnmp, another implementation, makes of the same password.
func TestKeysAreThoseOfGosnmp(t *testing.T) {
	engine := []byte{0x80, 0, 0, 0, 5, 1, 2, 3, 4}
	for authName, auth := range auths() {
		for privName, priv := range privs() {
			if authName == "" || privName == "" {
				continue
			}
			theirs := gosnmp.UsmSecurityParameters{AuthoritativeEngineID: string(engine), AuthenticationProtocol: auth, PrivacyProtocol: priv,
				AuthenticationPassphrase: password, PrivacyPassphrase: password}
			if err := theirs.InitSecurityKeys(); err != nil {
				t.Fatal(err)
			}
			a, p := AuthProtocols()[authName], PrivProtocols()[privName]
			local := a.localize(a.master([]byte(password)), engine)
			ours := p.lengthen(bytes.Clone(local), engine, a)
			if !bytes.Equal(local, theirs.SecretKey) || !bytes.Equal(ours, theirs.PrivacyKey[:len(ours)]) {
				t.Errorf("%s %s: %x %x; want %x %x", authName, privName, local, ours, theirs.SecretKey, theirs.PrivacyKey)
			}
		}
	}
}

// users are one of every pair of protocols, as keys take a while to make.
func users(t testing.TB) map[string]*User {
	t.Helper()
	all := map[string]*User{}
	for auth := range auths() {
		for priv := range privs() {
			if auth == "" && priv != "" {
				continue
			}
			c := Credentials{Name: "u1", Auth: AuthProtocols()[auth], Priv: PrivProtocols()[priv], AuthPassword: password, PrivPassword: password}
			u, err := NewUser(c)
			if err != nil {
				t.Fatal(err)
			}
			all[auth+" "+priv] = u
		}
	}
	return all
}

// Whatever is written is read again as it was, at every length that an element's length can have.
func TestMessagesComeBack(t *testing.T) {
	all := users(t)
	keys := map[string]*Keys{}
	engine := []byte{0x80, 0, 0, 0, 5, 1, 2, 3, 4}
	for name, u := range all {
		keys[name] = u.Localize(engine)
	}
	names := sortedKeys(all)
	rapid.Check(t, func(t *rapid.T) {
		k := keys[rapid.SampledFrom(names).Draw(t, "protocols")]
		h := Header{ID: rapid.Uint32Range(0, MaxBoots).Draw(t, "id"), Flags: k.user.level | rapid.SampledFrom([]byte{0, Reportable}).Draw(t, "reportable"),
			Engine: engine, User: k.user.name, Boots: rapid.Uint32Range(0, MaxBoots).Draw(t, "boots"), Time: rapid.Uint32Range(0, MaxBoots).Draw(t, "time")}
		length := rapid.SampledFrom([]int{0, 1, 90, 110, 125, 200, 250, 1400, 65400}).Draw(t, "length") + rapid.IntRange(0, 20).Draw(t, "more")
		pdu := append(appendHead(nil, 0xa2, length), bytes.Repeat([]byte{7}, length)...)
		in := Scoped{Engine: engine, Context: rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "context"), PDU: pdu}
		whole := Append([]byte("before"), &h, &in, k, rapid.Uint64().Draw(t, "salt"))[len("before"):]
		m, err := Parse(whole)
		if err != nil || m.ID != h.ID || m.Flags != h.Flags || m.Boots != h.Boots || m.Time != h.Time || !bytes.Equal(m.Engine, engine) || !k.Verify(&m) {
			t.Fatalf("%+v came back as %+v (%v)", h, m, err)
		}
		text := m.Body
		if m.Flags&Priv != 0 {
			if text, _ = k.Decrypt(m.Body[:0], &m); bytes.Equal(text, in.append(nil)) && k.user.priv.cbc && len(text)%8 != 0 {
				t.Fatal("no padding")
			}
		}
		out, ok := ParseScoped(text)
		if !ok || !bytes.Equal(out.PDU, pdu) || !bytes.Equal(out.Context, in.Context) || !bytes.Equal(out.Engine, engine) {
			t.Fatalf("the contents came back as %d octets (%v)", len(out.PDU), ok)
		}
	})
}

// A code that is cut short is easier to guess, down to none at all; one that is longer would give away more of the hash.
func TestCodesOfAnotherLengthAreRefused(t *testing.T) {
	engine := []byte{0x80, 0, 0, 0, 5, 1}
	for name, right := range AuthProtocols() {
		u, err := NewUser(Credentials{Name: "u1", Auth: right, AuthPassword: password})
		if err != nil {
			t.Fatal(err)
		}
		for n := range right.hash().Size() + 1 {
			other, err := NewUser(Credentials{Name: "u1", Auth: &AuthProtocol{right.hash, n}, AuthPassword: password})
			if err != nil {
				t.Fatal(err)
			}
			h := Header{ID: 1, Flags: Auth, Engine: engine, User: u.name}
			m, err := Parse(Append(nil, &h, &Scoped{PDU: []byte{0xa2, 0}}, other.Localize(engine), 0))
			if err != nil || u.Localize(engine).Verify(&m) != (n == right.octets) {
				t.Errorf("%s: a code of %d octets (%v)", name, n, err)
			}
		}
	}
}

func sortedKeys(all map[string]*User) (names []string) {
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Whatever is read as a message: what was signed is all of it, with the code in its place.
func FuzzParse(f *testing.F) {
	u, err := NewUser(Credentials{Name: "u1", Auth: AuthProtocols()["sha"], Priv: PrivProtocols()["aes"], AuthPassword: password, PrivPassword: password})
	if err != nil {
		f.Fatal(err)
	}
	k := u.Localize([]byte{0x80, 0, 0, 0, 5, 1})
	for _, flags := range []byte{Reportable, Auth, Auth | Priv} {
		h := Header{ID: 1 << 30, Flags: flags, Engine: k.engine, Boots: 1, Time: 2, User: u.name}
		f.Add(Append(nil, &h, &Scoped{Engine: k.engine, PDU: Report(7, UnknownEngine, 1)}, k, 1))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, ok := ParseScoped(text)
		if c := s.Complains(); c >= Complaints || !ok && len(s.PDU) > len(text) {
			t.Errorf("complaint %d", c)
		}
		_ = answerTo(text)
		m, err := Parse(text)
		if err != nil {
			return
		}
		before, after := m.around()
		if whole := append(append(bytes.Clone(before), m.MAC...), after...); !bytes.Equal(whole, text) {
			t.Errorf("%x is not %x", whole, text)
		}
		_ = m.complains()
		if plain, ok := k.Decrypt(nil, &m); ok && len(plain) != len(m.Body) {
			t.Errorf("%d octets of %d", len(plain), len(m.Body))
		}
	})
}
