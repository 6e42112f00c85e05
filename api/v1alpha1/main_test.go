package v1alpha1_test

import (
	"context"
	"os"
	"testing"

	"github.com/fairlead/fairlead/test/apiserver"
)

// server is the API server that the tests of this package share.
var server *apiserver.Server

func TestMain(m *testing.M) {
	os.Exit(apiserver.Main(m, func(_ context.Context, s *apiserver.Server) error {
		server = s
		return nil
	}))
}
