<?php

declare(strict_types=1);

namespace Reco\Symfony;

use Symfony\Component\DependencyInjection\Extension\ExtensionInterface;
use Symfony\Component\HttpKernel\Bundle\Bundle;

/**
 * Gives a Symfony application RecoShop, configured by config/packages/reco.yaml, and `bin/console reco:doctor`.
 *
 *     reco:
 *         model: '%kernel.project_dir%/var/shop.reco'
 *         filter: 'stock > 0'
 */
final class RecoBundle extends Bundle
{
    public function getContainerExtension(): ?ExtensionInterface
    {
        return new RecoExtension();
    }
}
