<?php

declare(strict_types=1);

namespace Reco\Laravel;

use Illuminate\Console\Command;
use Illuminate\Contracts\Config\Repository;
use Reco\RecoArgumentException;
use Reco\RecoDoctor;

/** `artisan reco:doctor [--max-age=HOURS]`: what reco needs and whether it is there, for the configured model. */
final class DoctorCommand extends Command
{
    protected $signature = 'reco:doctor {--max-age= : hours that the model file may be old}';

    protected $description = 'Says in one line each what reco needs and whether it is there';

    public function handle(Repository $config): int
    {
        try {
            $hours = RecoDoctor::hours($this->option('max-age'));
        } catch (RecoArgumentException $problem) {
            $this->error($problem->getMessage());

            return self::INVALID;
        }
        $model = $config->get('reco.model');
        $findings = RecoDoctor::examine(is_string($model) ? $model : null, $hours);
        foreach ($findings as $finding) {
            $this->line(($finding->good ? '<info>ok</info>     ' : '<error>wrong</error>  ') . $finding->text);
        }

        return RecoDoctor::isWell($findings) ? self::SUCCESS : self::FAILURE;
    }
}
