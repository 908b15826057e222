<?php

declare(strict_types=1);

namespace Reco\Symfony;

use Reco\RecoArgumentException;
use Reco\RecoDoctor;
use Symfony\Component\Console\Command\Command;
use Symfony\Component\Console\Formatter\OutputFormatter;
use Symfony\Component\Console\Input\InputInterface;
use Symfony\Component\Console\Input\InputOption;
use Symfony\Component\Console\Output\OutputInterface;

/** `bin/console reco:doctor [--max-age=HOURS]`: what reco needs and whether it is there, for the configured model. */
final class DoctorCommand extends Command
{
    public function __construct(private readonly string $model)
    {
        parent::__construct('reco:doctor');
    }

    protected function configure(): void
    {
        $this->setDescription('Says in one line each what reco needs and whether it is there');
        $this->addOption('max-age', null, InputOption::VALUE_REQUIRED, 'hours that the model file may be old');
    }

    protected function execute(InputInterface $input, OutputInterface $output): int
    {
        try {
            $hours = RecoDoctor::hours($input->getOption('max-age'));
        } catch (RecoArgumentException $problem) {
            $output->writeln('<error>' . OutputFormatter::escape($problem->getMessage()) . '</error>');

            return self::INVALID;
        }
        $findings = RecoDoctor::examine($this->model, $hours);
        foreach ($findings as $finding) {
            $output->writeln(($finding->good ? '<info>ok</info>     ' : '<error>wrong</error>  ') . $finding->text);
        }

        return RecoDoctor::isWell($findings) ? self::SUCCESS : self::FAILURE;
    }
}
