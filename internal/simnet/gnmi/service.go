package gnmi

import (
	"context"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// service is gNMI without Set.
type service struct {
	gpb.UnimplementedGNMIServer
	face *Face
}

// Capabilities says what the devices can do.
func (s *service) Capabilities(context.Context, *gpb.CapabilityRequest) (*gpb.CapabilityResponse, error) {
	names := []string{"openconfig-interfaces", "openconfig-if-ethernet", "openconfig-system"}
	models := make([]*gpb.ModelData, len(names))
	for i, name := range names {
		models[i] = &gpb.ModelData{Name: name, Organization: "OpenConfig working group"}
	}
	return &gpb.CapabilityResponse{SupportedModels: models, GNMIVersion: "0.10.0",
		SupportedEncodings: []gpb.Encoding{gpb.Encoding_JSON, gpb.Encoding_JSON_IETF, gpb.Encoding_PROTO}}, nil
}

// Get tells what there is now.
func (s *service) Get(ctx context.Context, r *gpb.GetRequest) (*gpb.GetResponse, error) {
	device, err := s.face.deviceOf(ctx, r.GetPrefix())
	if err != nil {
		return nil, err
	}
	if !known(r.GetEncoding()) {
		return nil, status.Errorf(codes.Unimplemented, "encoding %v: want JSON, JSON_IETF or PROTO", r.GetEncoding())
	}
	out := &gpb.GetResponse{}
	st := &stream{face: s.face, device: device, prefix: r.GetPrefix(), encoding: r.GetEncoding(), send: func(m *gpb.SubscribeResponse) error {
		out.Notification = append(out.Notification, m.GetUpdate())
		return nil
	}}
	list := &gpb.SubscriptionList{Prefix: r.GetPrefix(), Encoding: r.GetEncoding()}
	for _, p := range r.GetPath() {
		list.Subscription = append(list.Subscription, &gpb.Subscription{Path: p})
	}
	if err := st.plan(list); err != nil {
		return nil, err
	}
	for _, c := range st.courses {
		if err := st.tell(c, time.Now(), false); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Subscribe serves every mode.
func (s *service) Subscribe(in gpb.GNMI_SubscribeServer) error { return s.face.subscribe(in) }
