// Package escapetest checks writers of foreign text.
package escapetest

// Injections are texts that act when they are shown unescaped, for tests of everything that shows
// foreign text. None holds a NUL or a slash, so that each can be the name of a file.
func Injections() []string {
	return []string{
		"![i](x)", "[l](x)", "[l]: x", "<img src=x>", "<script>alert(1)<", "<!-- ", "&#60;img src=x&#62;", "&lt;b&gt;",
		"@octocat", "@org-team", "#1", "GH-1", "gh-1", "octo@example.com", "https:x", "www.example.com", ":tada:", "$x^2$",
		"**bold**", "_it_", "`code`", "``` ```", "~~gone~~", "a|b", `a\|b`, `\`, "- item", "+ item", "= head", "1. item", "# head", "> quote",
		"a\n\n## undetected: all is fine", "a\nundertone: undetected", "a\r\nUNDETECTED", "a\rUNDETECTED", "a\tb",
		"\x1b[2J\x1b[1;1HUNDETECTED", "\x1b]0;title\a", "\x1b]8;;x\x1b\\link", "\u009b2J", "\u009d0;x\u009c", "\b\b\bok", "a\x7fb", "\x0e",
		"\u202edetcetednu", "\u202d\u202c", "\u2066a\u2069", "\u2067\u2068", "\u200e\u200f\u061c",
		"a\u2028UNDETECTED", "a\u2029UNDETECTED", "a\u0085UNDETECTED", "a\vb\fc",
		"a\u200bb", "a\u200cb\u200dc", "\ufeffa", "a\u00adb", "a\u2060b", "a\u3164b", "a\u115fb", "a\uffa0b", "a\u034fb", "a\ufe0fb", "a\U000e0041\U000e0042b", "a\U000e0100b", "a\u180eb",
		"\xff\xfe", "a\xc3", "\ue000", "%s%n%!d(x)", "${x}", "{{x}}",
	}
}
