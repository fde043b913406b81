// Package e2e runs the built programs together, as an operator would, and harms them: its tests need
// the build tag e2e and bin/ from make build.
package e2e
