<?php

declare(strict_types=1);

namespace Reco\Laravel;

use Illuminate\Contracts\Config\Repository;
use Illuminate\Contracts\Container\Container;
use Illuminate\Support\ServiceProvider;
use Reco\RecoShop;

/**
 * Gives a Laravel application RecoShop, configured by config/reco.php, and `artisan reco:doctor`. Laravel finds it by
 * composer.json.
 *
 *     public function show(Product $product, RecoShop $reco) { $lists = $reco->product($product->id, user: auth()->id()); }
 */
final class RecoServiceProvider extends ServiceProvider
{
    public function register(): void
    {
        $this->mergeConfigFrom(__DIR__ . '/config.php', 'reco');
        // One for all requests of a worker will do: it opens the model anew for each question.
        $this->app->singleton(RecoShop::class, static function (Container $app): RecoShop {
            /** @var array{model: string, degrade: bool, bestsellers: list<int|string>, filter: string} $settings */
            $settings = $app->make(Repository::class)->get('reco');

            return new RecoShop(
                $settings['model'],
                instead: $settings['degrade'] ? $settings['bestsellers'] : null,
                logger: $app->bound('log') ? $app->make('log') : null,
                filter: $settings['filter'],
            );
        });
    }

    public function boot(): void
    {
        if ($this->app->runningInConsole()) {
            $this->publishes([__DIR__ . '/config.php' => $this->app->basePath('config/reco.php')], 'reco-config');
            $this->commands([DoctorCommand::class]);
        }
    }
}
