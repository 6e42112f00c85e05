// Package chromium opens pages in a real browser, for tests: the one of Debian's package chromium,
// without a window.
package chromium

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

// enough time for pages of this machine, on one that has much else to do.
const enough = 5 * time.Minute

// TrustAll has a browser take any certificate, such as one that a test made.
var TrustAll = chromedp.Flag("ignore-certificate-errors", true)

// Start starts a browser that knows nothing yet, and asks nobody for anything. It ends with the
// test, or after five minutes.
func Start(t *testing.T, more ...chromedp.ExecAllocatorOption) context.Context {
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

// Page is a page that is open, with what the browser said about it.
type Page struct {
	t   *testing.T
	ctx context.Context

	mu                sync.Mutex
	complaints, asked []string
}

// Visit opens an address in a tab of its own, of so many pixels, and waits for its element main.
func Visit(browser context.Context, t *testing.T, address string, width, height int64) *Page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	p := &Page{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, p.hear); err != nil {
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
	p.Do(chromedp.EmulateViewport(width, height, options...), chromedp.Navigate(address), chromedp.WaitReady("main"))
	return p
}

// hear keeps what the browser tells.
func (p *Page) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		p.complaints = append(p.complaints, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		p.complaints = append(p.complaints, fmt.Sprint(e.Type, e.Args))
	case *log.EventEntryAdded:
		p.complaints = append(p.complaints, e.Entry.Text)
	case *page.EventJavascriptDialogOpening:
		p.complaints = append(p.complaints, "dialog: "+e.Message)
	case *network.EventRequestWillBeSent:
		p.asked = append(p.asked, e.Request.URL)
	}
}

// Complaints are errors, messages of the console and dialogs so far.
func (p *Page) Complaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.complaints)
}

// Asked are the addresses that the page asked for so far.
func (p *Page) Asked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.asked)
}

// Do does something in the page.
func (p *Page) Do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		p.t.Fatal(err)
	}
}

// Press presses the button that has a text, and waits until it is gone.
func (p *Page) Press(text string) {
	p.t.Helper()
	button := chromedp.Search(fmt.Sprintf(`//button[contains(., %q)]`, text))
	p.Do(chromedp.Click(button), chromedp.WaitNotPresent(button))
}

// Ask evaluates an expression in the page.
func Ask[T any](p *Page, expression string) T {
	p.t.Helper()
	return Give(p, chromedp.Evaluate[T](expression))
}

// Give does something in the page that has a result.
func Give[T any](p *Page, action chromedp.Action[T]) T {
	p.t.Helper()
	result, err := chromedp.Run(p.ctx, action)
	if err != nil {
		p.t.Fatal(err)
	}
	return result
}

// Picture keeps what the page looks like, for whoever wants to see it: go test -artifacts.
func (p *Page) Picture(name string) {
	p.t.Helper()
	Keep(p.t, name, Give(p, chromedp.FullScreenshot(100)))
}

// Keep keeps something among the artifacts of a test.
func Keep(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(t.ArtifactDir(), name), content, 0o600); err != nil {
		t.Fatal(err)
	}
}
