package cmd

import (
	"context"
	"errors"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

// parseWhere reads --keystore.
func parseWhere(choice string) (model.Where, error) {
	switch where := model.Where(choice); where {
	case "", model.WhereKeyring, model.WhereVault, model.WhereCommand, model.WhereAsk:
		return where, nil
	}
	return "", usage("Choose keyring, vault, command or ask.", "--keystore names no place for secrets.")
}

// waysOn adds to a keystore's problem how another place is chosen.
func waysOn(err error) error {
	p, ok := model.AsProblem(err)
	if !ok || problemExit(p.Code) != exitKeystore {
		return err
	}
	copied := *p
	copied.Cause = err
	copied.Fix += " Another place is chosen with --keystore vault (BBCONNECT_VAULT_PASSPHRASE_FILE opens it where nobody can be asked), --keystore command or --keystore ask."
	return &copied
}

// prove proves a place for new secrets, "" for the one chosen before or else the
// keyring.
func (a *app) prove(ctx context.Context, where model.Where) (flow.Place, error) {
	place, err := a.jobs.Prove(a.asking(ctx), where)
	return place, waysOn(err)
}

// place proves where secrets go before the first of them is asked; where that
// does not work the person chooses another way. There is no silent fallback.
func (p *plainFace) place(ctx context.Context) error {
	if p.placed {
		return nil
	}
	where := model.Where(p.flags.keystore)
	for {
		place, err := p.app.jobs.Prove(p.app.asking(ctx), where)
		if err == nil {
			p.in.world.NewSecretsIn, p.placed = place.Where, true
			p.say(placeLine(place))
			return nil
		}
		if _, ok := model.AsProblem(err); !ok || ctx.Err() != nil {
			return err
		}
		p.app.tell(p.app.errOut, signFail, describe(err))
		if where, err = p.choosePlace(ctx); err != nil {
			return err
		}
	}
}

func placeLine(place flow.Place) string {
	if place.Where == model.WhereAsk {
		return "Secrets are asked each time and never stored."
	}
	return "Secrets will be kept in: " + place.Description + ", tried just now."
}

// choosePlace asks where secrets go instead.
func (p *plainFace) choosePlace(ctx context.Context) (model.Where, error) {
	p.say("Secrets can go to another place:")
	where, err := p.app.choose(
		ctx, prompt{label: "Where shall secrets go", help: "Values are kept there and nowhere else; the place is tried before anything is asked."},
		choice{string(model.WhereKeyring), "keyring", "try it again"},
		choice{string(model.WhereVault), "vault", "an encrypted file that a passphrase opens"},
		choice{string(model.WhereCommand), "command", "a program of yours that prints them"},
		choice{string(model.WhereAsk), "ask", "each time; nothing is stored"},
	)
	if err == nil && model.Where(where) == model.WhereCommand {
		err = p.askCommand(ctx)
	}
	if errors.Is(err, errBack) && where != "" {
		return p.choosePlace(ctx) // back from the command's line
	}
	return model.Where(where), err
}

// askCommand asks for the command that prints a secret and remembers it.
func (p *plainFace) askCommand(ctx context.Context) error {
	const help = "The command is run each time a value is needed; {name} stands for the secret's name, as in: pass show bitbucket/{name}"
	p.say(help)
	line, err := p.app.ask(ctx, prompt{label: "Command", help: help})
	if err != nil {
		return err
	}
	settings, err := p.app.jobs.Library.Settings(ctx)
	if err != nil {
		return err
	}
	settings.SecretCommand = line
	return p.app.jobs.Library.SaveSettings(ctx, settings)
}
