package exclusive

import (
	"context"
	"os"
	"strconv"
	"testing"
	"time"
)

func TestAcquireExcludesOthersAndNamesTheHolder(t *testing.T) {
	name := "@fairlead-cluster-test-" + strconv.Itoa(os.Getpid())
	release, err := acquire(t.Context(), name, func(int) { t.Error("waited although free") })
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	told := -1
	if _, err := acquire(ctx, name, func(pid int) { told = pid }); err == nil {
		t.Fatal("acquired twice")
	}
	if told != os.Getpid() {
		t.Errorf("holder is %d, want %d", told, os.Getpid())
	}
	release()
	again, err := acquire(t.Context(), name, func(int) {})
	if err != nil {
		t.Fatalf("not free after release: %v", err)
	}
	again()
}
