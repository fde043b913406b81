// Package recordings polls recorded devices with the built programs, haidang-simnet behind and
// haidang-agent with its SNMP plugin in front, and holds every line against the recording itself and
// against what LibreNMS read from it. Its test needs the build tag conformance and the environment
// variable SHARED.
package recordings
