package remote

import (
	"strings"
	"testing"
	"time"
)

func TestConfigErrors(t *testing.T) {
	for _, c := range []struct {
		config Config
		want   string
	}{
		{Config{}, `URL ""`},
		{Config{URL: "localhost:8000"}, "want http:// or https://"},
		{Config{URL: "ftp://host"}, "want http:// or https://"},
		{Config{URL: "http://"}, "and a host"},
		{Config{URL: "http://host:port"}, "cannot be read"},
		{Config{URL: "http://me:secret@host"}, "holds a user name or a password"},
		{Config{URL: "http://host?api_key=secret"}, "has a query"},
		{Config{URL: "http://host", Kind: "tgi"}, `kind "tgi" is not known`},
		{Config{URL: "http://host", Template: "chatml"}, `template "chatml" is not known`},
		{Config{URL: "http://host", Limits: Limits{Concurrency: -1}}, "a limit is negative"},
		{Config{URL: "http://host", Limits: Limits{Timeout: -time.Second}}, "a limit is negative"},
		{Config{URL: "http://host", Limits: Limits{MaxTokensTotal: -1}}, "a limit is negative"},
		{Config{URL: "http://host", Price: Price{Input: -1}}, "want numbers >= 0"},
		{Config{URL: "http://host", Limits: Limits{MaxCost: 1}}, "the price of the model is not set"},
		{Config{URL: "http://host", KeyEnv: "UNDERTONE_NO_SUCH_KEY"}, "UNDERTONE_NO_SUCH_KEY, which holds the key of the server, is empty or not set"},
	} {
		_, err := Open(t.Context(), c.config)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%+v: error %v, want one with %q", c.config, err, c.want)
		}
	}
}

func TestURL(t *testing.T) {
	for text, want := range map[string]string{
		"http://host:8000": "http://host:8000", "http://host:8000/": "http://host:8000", "https://host/v1": "https://host", "https://host/v1/": "https://host", "http://host//": "http://host", "http://host//v1//": "http://host",
		"https://host/openai/v1": "https://host/openai", "http://[::1]:8000": "http://[::1]:8000",
	} {
		if u, err := parseURL(text); err != nil || u.String() != want {
			t.Errorf("%s: %v, %v, want %s", text, u, err, want)
		}
	}
}
