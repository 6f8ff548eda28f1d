package loopback

import "testing"

func TestIsHost(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "localhost:8000": true, "127.0.0.1:8000": true, "[::1]:8000": true, "[::1]": true, "::1": true, "127.9.9.9": true,
		"evil.example": false, "evil.example:8000": false, "10.0.0.1:8000": false, "10.0.0.1": false, "localhost.evil.example": false, "": false,
		"[::2]:80": false, "127.0.0.1.evil.example": false, ":8000": false, "0.0.0.0:80": false,
	} {
		if got := IsHost(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}
