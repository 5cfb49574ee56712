package cmd

import (
	"strings"

	"github.com/spf13/cobra"

	"bbconnect/model"
)

// newCompletion writes completion scripts.
func newCompletion() *cobra.Command {
	return &cobra.Command{
		Use: "completion bash|zsh|fish|powershell", Short: "Write a completion script for a shell",
		Long: `Write a completion script for a shell. It completes commands, flags, the ids of
saved connectors, question ids with their values, slots and scenarios.`,
		Example: `  source <(bbconnect completion bash)
  bbconnect completion zsh > "${fpath[1]}/_bbconnect"
  bbconnect completion fish > ~/.config/fish/completions/bbconnect.fish
  bbconnect completion powershell > bbconnect.ps1`,
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"bash", "zsh", "fish", "powershell"},
		RunE: func(c *cobra.Command, args []string) error {
			root, out := c.Root(), c.OutOrStdout()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(out, true)
			case "zsh":
				return root.GenZshCompletion(out)
			case "fish":
				return root.GenFishCompletion(out, true)
			}
			return root.GenPowerShellCompletionWithDesc(out)
		},
	}
}

type completer = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective)

// complete binds completers to flags by name.
func complete(c *cobra.Command, flags map[string]completer) {
	for name, f := range flags {
		_ = c.RegisterFlagCompletionFunc(name, f) // fails only for a flag that does not exist; a test looks
	}
}

// choices completes closed values.
func choices(values ...string) completer {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return values, cobra.ShellCompDirectiveNoFileComp
	}
}

func keystoreNames() []string {
	return []string{string(model.WhereKeyring), string(model.WhereVault), string(model.WhereCommand), string(model.WhereAsk)}
}

// closedValues are the values of a closed question; nil for an open one.
func closedValues(id model.QuestionID) []string {
	switch id {
	case model.QScope:
		return []string{string(model.ScopeAccount), string(model.ScopeOrg), string(model.ScopeProject)}
	case model.QURLType:
		return []string{string(model.URLAccount), string(model.URLRepo)}
	case model.QConnectionType:
		return []string{string(model.HTTP), string(model.SSH)}
	case model.QKind:
		return []string{string(model.KindAPIToken), string(model.KindAccessToken), string(model.KindHTTPAccessToken), string(model.KindSSHKey), string(model.KindPassword)}
	case model.QAPIMethod:
		return []string{string(model.APIEmailAndToken), string(model.APIAccessToken), string(model.APIUsernameToken), string(model.APIOff)}
	case model.QMode:
		return []string{string(model.ModePlatform), string(model.ModeDelegate)}
	case model.QDelegates:
		return []string{string(model.DelegatesAny), string(model.DelegatesTags)}
	case model.QSecureConnect:
		return []string{"yes", "no"}
	}
	return nil
}

// completeSet completes question ids, and behind the "=" their closed values.
func completeSet(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	const noFile = cobra.ShellCompDirectiveNoFileComp
	var out []string
	if id, _, ok := strings.Cut(typed, "="); ok {
		for _, v := range closedValues(model.QuestionID(id)) {
			out = append(out, id+"="+v)
		}
		return out, noFile
	}
	for _, id := range model.QuestionIDs() {
		if q, _ := model.KnownQuestion(id); !q.IsSecret() {
			out = append(out, string(id)+"=")
		}
	}
	return out, noFile | cobra.ShellCompDirectiveNoSpace
}

// sources are the forms of a SOURCE.
func sources() []string {
	return []string{"env:", "file:", "cmd:", "keyring:", "prompt", "-"}
}

func behind(head string) []string {
	var out []string
	for _, s := range sources() {
		out = append(out, head+s)
	}
	return out
}

// completeSlot completes SLOT=SOURCE.
func completeSlot(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	const more = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	if slot, _, ok := strings.Cut(typed, "="); ok {
		return behind(slot + "="), more
	}
	var out []string
	for _, id := range model.QuestionIDs() {
		if q, _ := model.KnownQuestion(id); q.IsSecret() {
			out = append(out, string(id)+"=")
		}
	}
	return out, more
}

// completeConnectors completes the ids of saved connectors.
func (a *app) completeConnectors(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	if a.connect() != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	saved, _, err := a.jobs.Library.List(c.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	out := make([]string, 0, len(saved))
	for _, s := range saved {
		out = append(out, s.Connector.Key()+"\t"+clean(s.Connector.Name))
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// completeOneConnector completes the first argument alone.
func (a *app) completeOneConnector(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return a.completeConnectors(c, args, typed)
}

// secretRefs are the references of all named secrets.
func (a *app) secretRefs(c *cobra.Command) []string {
	if a.connect() != nil {
		return nil
	}
	secrets, err := a.jobs.Library.Secrets(c.Context())
	if err != nil {
		return nil
	}
	var out []string
	for _, s := range secrets {
		out = append(out, string(s.Name.Ref()))
	}
	return out
}

func (a *app) completeRef(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return a.secretRefs(c), cobra.ShellCompDirectiveNoFileComp
}

// completeValue completes REF=SOURCE.
func (a *app) completeValue(c *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	const more = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	if ref, _, ok := strings.Cut(typed, "="); ok {
		return behind(ref + "="), more
	}
	var out []string
	for _, ref := range a.secretRefs(c) {
		out = append(out, ref+"=")
	}
	return out, more
}
