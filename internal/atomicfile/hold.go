package atomicfile

import "os"

// Hold creates a lock file and locks it until release is called or the process ends. It returns
// false if another holder has it. Where the file system has no locks, every caller holds it.
func Hold(path string) (release func(), held bool, err error) {
	for {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
		if err != nil {
			return nil, false, err
		}
		held, err := lock(f)
		switch {
		case err != nil || !locks:
			return func() { _ = f.Close() }, true, nil
		case !held:
			return nil, false, f.Close()
		case hasName(f): // no other holder removed it between the two calls
			return func() {
				_ = os.Remove(path)
				_ = f.Close()
			}, true, nil
		}
		_ = f.Close()
	}
}
