package main

// norms writes the parts of layer norm and of RMS norm, which has no mean.
func norms(g *generator) {
	g.function("normalize", "func(n int, y, x, gain, bias *float32, mean, scale float32)", "sets y to (x - mean)·scale·gain + bias.")
	n, p := g.count(), g.pointers("y", "x", "gain", "bias")
	mean, scale := g.argument32("mean"), g.argument32("scale")
	g.loop(n, p, func(m mask) {
		x, gain, bias := g.read(p[1], m), g.read(p[2], m), g.read(p[3], m)
		g.sub(x, mean, x)
		g.mul(x, scale, x)
		g.fma(x, gain, bias)
		g.write(bias, p[0], m)
	})
	g.end()

	g.function("scaleGain", "func(n int, y, x, gain *float32, scale float32)", "sets y to x·scale·gain.")
	n, p = g.count(), g.pointers("y", "x", "gain")
	scale = g.argument32("scale")
	g.loop(n, p, func(m mask) {
		x, gain := g.read(p[1], m), g.read(p[2], m)
		g.mul(x, scale, x)
		g.mul(x, gain, x)
		g.write(x, p[0], m)
	})
	g.end()

	g.function("normSums", "func(n int, d, x, gain *float32, mean, scale float32) (plain, weighted float32)",
		"returns the sums of d·gain and of d·gain·(x - mean)·scale.")
	n, p = g.count(), g.pointers("d", "x", "gain")
	mean, scale = g.argument32("mean"), g.argument32("scale")
	plain, weighted := g.wide(), g.wide()
	g.clear(plain)
	g.clear(weighted)
	g.loop(n, p, func(m mask) {
		d, x, gain := g.read(p[0], m), g.read(p[1], m), g.read(p[2], m)
		g.sub(x, mean, x)
		g.mul(x, scale, x)
		g.mul(d, gain, d)
		g.add(plain, d, plain)
		g.fma(d, x, weighted)
	})
	g.result("plain", g.fold(plain, g.VADDPS))
	g.result("weighted", g.fold(weighted, g.VADDPS))
	g.end()

	g.normBackward("layerNormBackward", true)
	g.normBackward("rmsNormBackward", false)
}

// normBackward writes, with t = (x - mean)·scale, the gradients
//
//	dgain += d·t;  dbias += d;  d = (d·gain - plain - t·weighted)·scale
//
// of layer norm, or of RMS norm, in which mean and plain are 0 and there is no bias.
func (g *generator) normBackward(name string, layer bool) {
	signature, names := "func(n int, d, x, gain, dgain *float32, scale, weighted float32)", []string{"d", "x", "gain", "dgain"}
	if layer {
		signature = "func(n int, d, x, gain, dgain, dbias *float32, mean, scale, plain, weighted float32)"
		names = append(names, "dbias")
	}
	g.function(name, signature, "replaces d by the gradient of x and adds those of the parameters.")
	n, p := g.count(), g.pointers(names...)
	var mean, plain wide
	if layer {
		mean, plain = g.argument32("mean"), g.argument32("plain")
	}
	scale, weighted := g.argument32("scale"), g.argument32("weighted")
	g.loop(n, p, func(m mask) {
		d, t := g.read(p[0], m), g.read(p[1], m)
		if layer {
			g.sub(t, mean, t)
		}
		g.mul(t, scale, t)
		dgain := g.read(p[3], m)
		g.fma(d, t, dgain)
		g.write(dgain, p[3], m)
		if layer {
			dbias := g.read(p[4], m)
			g.add(dbias, d, dbias)
			g.write(dbias, p[4], m)
		}
		g.mul(d, g.read(p[2], m), d)
		if layer {
			g.sub(d, plain, d)
		}
		g.fnma(t, weighted, d)
		g.mul(d, scale, d)
		g.write(d, p[0], m)
	})
	g.end()
}
