<?php

declare(strict_types=1);

use Reco\Reco;

/**
 * The one file to include:
 *
 *     use Reco\Reco;
 *
 *     require '/usr/local/share/php/reco/RecoFFI.php';
 *
 *     $shop = Reco::open('/var/lib/shop/shop.reco');
 *     foreach ($shop->recommend(user: 42, limit: 5) as $hit) {
 *         echo $hit->id, ' ', $hit->score, ' ', $hit->source, "\n";
 *     }
 *
 * It is also what `opcache.preload` names (docs/php-production.md); including it once more is harmless then. With composer,
 * nothing needs to be included.
 */
if (!class_exists(Reco::class, false)) {
    require_once __DIR__ . '/src/RecoException.php';
    require_once __DIR__ . '/src/RecoArgumentException.php';
    require_once __DIR__ . '/src/RecoEngineException.php';
    require_once __DIR__ . '/src/RecoFileException.php';
    require_once __DIR__ . '/src/RecoLibraryException.php';
    require_once __DIR__ . '/src/RecoStatus.php';
    require_once __DIR__ . '/src/RecoLibrary.php';
    require_once __DIR__ . '/src/RecoPacking.php';
    require_once __DIR__ . '/src/RecoQuestion.php';
    require_once __DIR__ . '/src/RecoQueries.php';
    require_once __DIR__ . '/src/RecoModel.php';
    require_once __DIR__ . '/src/RecoHit.php';
    require_once __DIR__ . '/src/RecoAnswer.php';
    require_once __DIR__ . '/src/RecoInfo.php';
    require_once __DIR__ . '/src/RecoTrainer.php';
    require_once __DIR__ . '/src/RecoMemory.php';
    require_once __DIR__ . '/src/RecoShop.php';
    require_once __DIR__ . '/src/RecoExperiment.php';
    require_once __DIR__ . '/src/RecoFinding.php';
    require_once __DIR__ . '/src/RecoDoctor.php';
    require_once __DIR__ . '/src/Reco.php';
}
