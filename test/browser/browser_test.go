//go:build browser

// Package browser opens pages that people look at in a real browser.
package browser

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// enough time for a page that asks nobody anything.
const enough = 2 * time.Minute

// newBrowser starts a browser that knows nothing yet, and asks nobody for anything.
func newBrowser(t *testing.T, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), enough)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, append([]chromedp.ExecAllocatorOption{
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("hide-scrollbars", true),
	}, more...)...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting a browser: %v: Debian has one in the package chromium", err)
	}
	return ctx
}

// visited is a page that is open, with what the browser said about it.
type visited struct {
	t   *testing.T
	ctx context.Context

	mu sync.Mutex
	// complaints are errors and messages of the console; asked are the addresses that were asked for.
	complaints, asked []string
}

// visit opens a file in a tab of its own.
func visit(browser context.Context, t *testing.T, file string, width, height int64) *visited {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	v := &visited{t: t, ctx: ctx}
	err := chromedp.Listen(ctx, func(event any) {
		v.mu.Lock()
		defer v.mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			v.complaints = append(v.complaints, e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			v.complaints = append(v.complaints, fmt.Sprint(e.Type, e.Args))
		case *log.EventEntryAdded:
			v.complaints = append(v.complaints, e.Entry.Text)
		case *page.EventJavascriptDialogOpening:
			v.complaints = append(v.complaints, "dialog: "+e.Message)
		case *network.EventRequestWillBeSent:
			v.asked = append(v.asked, e.Request.URL)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	_, failed := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	_, silent := chromedp.Call(ctx, log.Enable, cdp.Empty{})
	_, mute := chromedp.Call(ctx, runtime.Enable, cdp.Empty{})
	if err := errors.Join(failed, silent, mute); err != nil {
		t.Fatal(err)
	}
	var options []chromedp.EmulateViewportOption
	if width < 600 {
		options = append(options, chromedp.EmulateMobile)
	}
	v.do(chromedp.EmulateViewport(width, height, options...), chromedp.Navigate(address(file)), chromedp.WaitReady("main"))
	return v
}

func address(file string) string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(file)}).String()
}

func (v *visited) do(actions ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	if err := chromedp.Do(v.ctx, actions...); err != nil {
		v.t.Fatal(err)
	}
}

// asks evaluates an expression in the page.
func asks[T any](v *visited, expression string) T {
	v.t.Helper()
	return gives(v, chromedp.Evaluate[T](expression))
}

// gives does something in the page that has a result.
func gives[T any](v *visited, action chromedp.Action[T]) T {
	v.t.Helper()
	result, err := chromedp.Run(v.ctx, action)
	if err != nil {
		v.t.Fatal(err)
	}
	return result
}

// picture keeps what the page looks like, for whoever wants to see it: go test -artifacts.
func (v *visited) picture(name string) {
	v.t.Helper()
	keep(v.t, name, gives(v, chromedp.FullScreenshot(100)))
}

func keep(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(t.ArtifactDir(), name), content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// expectQuiet holds that nothing was said, and nobody asked but for the file.
func (v *visited) expectQuiet(file string) {
	v.t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.complaints) > 0 {
		v.t.Errorf("the browser says %s", strings.Join(v.complaints, "\n"))
	}
	if len(v.asked) != 1 || v.asked[0] != address(file) {
		v.t.Errorf("it asked for %v", v.asked)
	}
}
