package flow

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"bbconnect/model"
)

// network reaches each host of the saved connectors once for each connection
// type, all at the same time.
func (d Doctor) network(ctx context.Context, settings model.Settings, saved []model.Saved) []model.Check {
	if d.Reacher == nil {
		return []model.Check{{ID: lookNetwork, Title: "Hosts of the saved connectors", Status: model.CheckSkip, Detail: "nothing was contacted"}}
	}
	hosts := withSSHOver443(hostsOf(saved))
	if len(hosts) == 0 {
		return []model.Check{{ID: lookNetwork, Title: "Hosts of the saved connectors", Status: model.CheckSkip, Detail: "no connector is saved"}}
	}
	answers := make([][]model.Check, len(hosts))
	var all sync.WaitGroup
	for i, h := range hosts {
		all.Go(func() {
			file := h.connector.CAFile
			if file == "" {
				file = settings.CAFiles[h.host]
			}
			answers[i] = d.Reacher.Reach(ctx, h.connector, file)
			for j := range answers[i] {
				answers[i][j].ID = lookNetwork + "." + h.name + "." + answers[i][j].ID
			}
		})
	}
	all.Wait()
	for i, h := range hosts {
		if h.spare {
			answers[i] = spared(answers[i])
		}
	}
	return slices.Concat(answers...)
}

// withSSHOver443 adds the way around a firewall to Cloud's SSH: the same service
// answers on port 443 (support.atlassian.com, Use SSH over port 443).
func withSSHOver443(hosts []reachable) []reachable {
	i := slices.IndexFunc(hosts, func(r reachable) bool {
		return r.connector.ConnectionType == model.SSH && (r.host == "ssh.bitbucket.org" || r.host == "bitbucket.org")
	})
	const host, port = "altssh.bitbucket.org", "443"
	if i < 0 || slices.ContainsFunc(hosts, func(r reachable) bool { return r.host == host }) {
		return hosts
	}
	place := model.ReadURL(hosts[i].connector.URL, model.URLContext{}).Address
	other := hosts[i].connector
	other.API = model.APIAccess{}
	other.URL = "ssh://git@" + host + ":" + port + "/" + place.Workspace + "/"
	if place.Repo != "" {
		other.URL += place.Repo + ".git"
	}
	return append(hosts, reachable{name: "ssh." + host + "." + port, host: host, connector: other, spare: true})
}

// spared says of a way that nobody uses yet only whether it is there.
func spared(checks []model.Check) []model.Check {
	out := slices.Clone(checks)
	for i, c := range out {
		if c.Status == model.CheckFail || c.Status == model.CheckWarn {
			out[i].Status, out[i].Problem, out[i].Detail = model.CheckSkip, nil, "of no use from here, and not needed where port 22 is open"
		}
	}
	return out
}

// reachable is one host as one connection type reaches it.
type reachable struct {
	name, host string
	connector  model.Connector
	// spare is a way that no connector uses.
	spare bool
}

// maxHosts bounds how many hosts are contacted.
const maxHosts = 20

func hostsOf(saved []model.Saved) []reachable {
	var out []reachable
	for _, s := range saved {
		c := s.Connector
		read := model.ReadURL(c.URL, model.URLContext{URLType: c.URLType, ConnectionType: c.ConnectionType})
		if read.IsZero() {
			continue
		}
		name := fmt.Sprintf("%s.%s", c.ConnectionType, read.Host)
		if read.Port != 0 {
			name += fmt.Sprintf(".%d", read.Port)
		}
		if !slices.ContainsFunc(out, func(r reachable) bool { return r.name == name }) && len(out) < maxHosts {
			out = append(out, reachable{name: name, host: read.Host, connector: c})
		}
	}
	slices.SortFunc(out, func(a, b reachable) int { return strings.Compare(a.name, b.name) })
	return out
}
